import { closeSync, readFileSync } from "node:fs";
import * as z from "zod";
import { openLog, type ProgramOutput } from "./program-log.ts";
import { StackError } from "./stack-error.ts";

/** A process that cannot be mistaken for another one that got its pid later, or after a reboot. */
export const ProcessId = z.object({
  pid: z.int().positive(),
  /** when it started, in clock ticks since boot */
  startTicks: z.string(),
  bootId: z.string(),
});
export type ProcessId = z.infer<typeof ProcessId>;

/** What to run. The environment is the whole one: nothing else is inherited. */
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

/** An exit code, or the signal that ended it. */
export type Ending = number | NodeJS.Signals;

/** Of Linux, for whoever reads /proc. */
const TICKS_A_SECOND = 100;

const POLL_MS = 40;
const KILL_WAIT_MS = 5_000;
const HURRIED_MS = 1_000;

/** Who has this pid now; undefined for nobody. */
export function identify(pid: number): ProcessId | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Whether it runs. One that has ended but was not collected by its parent yet does not. */
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
 * Starts a program in a session of its own, so that a Ctrl-C in the terminal reaches this process only and the program is
 * stopped in its turn. Its output goes to the end of `log`. Throws StackError when it cannot be started.
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
 * Ends a process: SIGTERM, and SIGKILL after `withinMs`, or one second after `hurry`. Never touches another process.
 * Answers how it went; `survived` means that even SIGKILL did not end it in time.
 */
export async function stop(id: ProcessId, withinMs: number, hurry: AbortSignal): Promise<Stopped> {
  if (!isAlive(id)) return "gone";
  send(id, "SIGTERM");
  // A process that was halted could not act on it otherwise.
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
 * Asks a program and whatever it has started to end: the process group that `launch` gave it. For tools, whose children are
 * nobody else's; a process that is not ours to signal is left alone.
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
    // It ended in between, or it is another user's.
  }
}

export function describeEnding(ending: Ending): string {
  return typeof ending === "number" ? `ended with code ${ending}` : `was ended by ${ending}`;
}

function readStat(pid: number): { state: string; startTicks: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold spaces and parentheses itself; the state and 19 more fields come after the last one.
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
