import { closeSync, readFileSync } from "node:fs";
import * as z from "zod";
import { openLog, type ProgramOutput } from "./program-log.ts";
import { StackError } from "./stack-error.ts";

/** Identifies a process. A later process with the same pid differs, also after a reboot. */
export const ProcessId = z.object({
  pid: z.int().positive(),
  /** its start, in clock ticks since boot */
  startTicks: z.string(),
  bootId: z.string(),
});
export type ProcessId = z.infer<typeof ProcessId>;

/** A program to run. It inherits nothing beyond this environment. */
export interface Launch {
  command: [string, ...string[]];
  env: Record<string, string>;
  cwd: string;
}

export interface Child {
  id: ProcessId;
  output: ProgramOutput;
  ended: Promise<Ending>;
}

/** An exit code, or the signal that ended the process. */
export type Ending = number | NodeJS.Signals;

/** Linux' unit for the times in /proc. */
const TICKS_A_SECOND = 100;

const POLL_MS = 40;
const KILL_WAIT_MS = 5_000;
const HURRIED_MS = 1_000;

/** The process with this pid; undefined where there is none. */
export function identify(pid: number): ProcessId | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Whether the process runs. An ended process that its parent has not collected yet does not. */
export function isAlive({ pid, ...id }: ProcessId): boolean {
  const stat = readStat(pid);
  const hasEnded = stat?.state === "Z" || stat?.state === "X";
  return stat?.startTicks === id.startTicks && !hasEnded && bootId() === id.bootId;
}

/** How long a process has been running, in milliseconds. */
export function runningForMs({ startTicks }: ProcessId): number {
  const [uptimeS = "0"] = readFileSync("/proc/uptime", "utf8").split(" ");
  return Number(uptimeS) * 1_000 - (Number(startTicks) * 1_000) / TICKS_A_SECOND;
}

/**
 * Starts a program in its own session: a Ctrl-C in the terminal reaches this process alone, and the
 * program stops in its turn. The output is appended to `log`. Throws StackError when the program
 * cannot be started.
 */
export function launch({ command, env, cwd }: Launch, log: string): Child {
  const { output, fd } = openLog(log);
  try {
    const child = Bun.spawn(command, { env, cwd, detached: true, stdio: ["ignore", fd, fd] });
    const id = identify(child.pid);
    if (!id) throw new Error("it has no entry in /proc");
    return { id, output, ended: child.exited.then((code) => child.signalCode ?? code) };
  } catch (error) {
    throw new StackError(
      `${command[0]} cannot be started: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    closeSync(fd);
  }
}

/**
 * Ends a process: SIGTERM, then SIGKILL after `withinMs` milliseconds, or one second after `hurry`.
 * Never touches another process. Gives the outcome; `survived` means that the process outlived
 * SIGKILL by KILL_WAIT_MS.
 */
export async function stop(id: ProcessId, withinMs: number, hurry: AbortSignal): Promise<Stopped> {
  if (!isAlive(id)) return "gone";
  send(id, "SIGTERM");
  // A halted process can act on SIGTERM only after SIGCONT.
  send(id, "SIGCONT");
  const deadlineMs = performance.now() + withinMs;
  let hurriedAtMs = Number.POSITIVE_INFINITY;
  while (isAlive(id)) {
    const nowMs = performance.now();
    if (hurry.aborted) hurriedAtMs = Math.min(hurriedAtMs, nowMs);
    if (nowMs > deadlineMs || nowMs > hurriedAtMs + HURRIED_MS) return await kill(id);
    await Bun.sleep(POLL_MS);
  }
  return "stopped";
}
export type Stopped = "gone" | "stopped" | "killed" | "survived";

/**
 * Signals the process group that `launch` gave a program, with all the children of the program. For
 * tools, whose children belong to nobody else. A process that we may not signal is left alone.
 */
export function signalGroup(id: ProcessId, signal: NodeJS.Signals): void {
  if (isAlive(id)) sendTo(-id.pid, signal);
}

async function kill(id: ProcessId): Promise<Stopped> {
  send(id, "SIGKILL");
  const deadlineMs = performance.now() + KILL_WAIT_MS;
  while (isAlive(id)) {
    if (performance.now() > deadlineMs) return "survived";
    await Bun.sleep(POLL_MS);
  }
  return "killed";
}

function send(id: ProcessId, signal: NodeJS.Signals): void {
  if (isAlive(id)) sendTo(id.pid, signal);
}

function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended, or it belongs to another user.
  }
}

export function describeEnding(ending: Ending): string {
  return typeof ending === "number" ? `ended with code ${ending}` : `was ended by ${ending}`;
}

function readStat(pid: number): { state: string; startTicks: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces and parentheses. After the last one come the state
    // and 19 more fields.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTicks] = [fields[0], fields[19]];
    return state && startTicks ? { state, startTicks } : undefined;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
