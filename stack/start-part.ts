import { paths, portOf } from "./layout.ts";
import type { Part } from "./part.ts";
import type { Plan } from "./plan.ts";
import { isPortFree, listenerOf } from "./ports.ts";
import { type Child, describeEnding, isAlive, launch, runningForMs, stop } from "./processes.ts";
import { complaintIn } from "./program-log.ts";
import { forgetProcess, type Recorded, recordProcess, runningProcess } from "./records.ts";
import { StackError } from "./stack-error.ts";
import type { Trouble } from "./trouble.ts";

/** How long a part may take to come up on a busy machine, in milliseconds. */
const READY_WITHIN_MS = 180_000;

/** How long a part may take to work once its time to come up is over, in milliseconds. */
const WORKS_WITHIN_MS = 10_000;

/** A broken part has little to drain, and may not obey SIGTERM. */
const BROKEN_STOPS_WITHIN_MS = 10_000;

/** How long a needed port may still be held, in milliseconds. */
const FREE_WITHIN_MS = 1_000;

const POLL_MS = 50;

/** A part that this command has started. */
export interface StartedPart extends Child {
  part: Part;
  isReady: boolean;
}

/**
 * Starts a part and waits until it is ready. A working part is left alone, and so is one that only
 * waits for another part. A running part that does not work is stopped and started again. A started
 * process is put into `started` at once, so that the caller can stop it in any case. Gives a note
 * for the operator. Throws StackError when the part ends, is not ready within a minute or cannot
 * work.
 */
export async function startPart(
  plan: Plan,
  part: Part,
  started: StartedPart[],
  signal: AbortSignal,
): Promise<string> {
  const running = runningProcess(plan.dir, part.name);
  if (!running) {
    await start(plan, part, started, signal);
    return "";
  }
  const trouble = await troubleOfRunning(plan, part, running, signal);
  if (!trouble) return "already running";
  if (trouble.isElsewhere)
    throw new StackError(`${part.name} runs, and cannot work: ${trouble.why}`);
  if ((await stop(running, BROKEN_STOPS_WITHIN_MS, signal)) === "survived")
    throw new StackError(
      `${part.name} (pid ${running.pid}) does not work and could not be ended: ${trouble.why}`,
    );
  forgetProcess(plan.dir, part.name, running);
  signal.throwIfAborted();
  await start(plan, part, started, signal);
  return `started again, since it did not work: ${trouble.why}`;
}

/** The trouble of a running part, after its time to come up; undefined when it works. */
async function troubleOfRunning(
  plan: Plan,
  part: Part,
  id: Recorded,
  signal: AbortSignal,
): Promise<Trouble | undefined> {
  const leftMs = id.wasReady ? 0 : READY_WITHIN_MS - runningForMs(id);
  const isOver = ({ isFinal }: Trouble) => isFinal || !isAlive(id);
  return await waitUntilReady(plan, part, Math.max(WORKS_WITHIN_MS, leftMs), signal, isOver);
}

async function start(
  plan: Plan,
  part: Part,
  started: StartedPart[],
  signal: AbortSignal,
): Promise<void> {
  const what = await part.prepare(plan, signal);
  signal.throwIfAborted();
  const child = launch(what, paths.log(plan.dir, part.name));
  const startedPart = { part, ...child, isReady: false };
  started.push(startedPart);
  recordProcess(plan.dir, part.name, child.id);
  const died = child.ended.then((ending) => {
    throw new StackError(
      `${part.name} ${describeEnding(ending)} at its start: ${complaintIn(child.output)}`,
    );
  });
  const trouble = await Promise.race([waitUntilReady(plan, part, READY_WITHIN_MS, signal), died]);
  if (trouble) {
    const seconds = READY_WITHIN_MS / 1_000;
    throw new StackError(
      `${part.name} was not ready within ${seconds} s: ` +
        `${trouble.why}; ${complaintIn(child.output)}`,
    );
  }
  startedPart.isReady = true;
  recordProcess(plan.dir, part.name, { ...child.id, wasReady: true });
  part.onReady?.(plan);
}

/** Throws StackError for the parts' first port on which another program listens. */
export async function refuseBusyPorts(plan: Plan, parts: Part[]): Promise<void> {
  for (const part of parts) {
    for (const name of part.ports) {
      const port = portOf(plan.basePort, name);
      if (await becomesFree(port)) continue;
      const by = listenerOf(port);
      throw new StackError(
        `port ${port} (${name}) is taken${by ? ` by ${by}` : ""}: ` +
          "free it, or set LECTERN_PORT to the first of eleven free ports",
      );
    }
  }
}

/** Waits for a port: a process that was just killed may still hold it. */
async function becomesFree(port: number): Promise<boolean> {
  const deadlineMs = performance.now() + FREE_WITHIN_MS;
  while (!(await isPortFree(port))) {
    if (performance.now() > deadlineMs) return false;
    await Bun.sleep(POLL_MS);
  }
  return true;
}

/**
 * Gives the remaining trouble when the time or the waiting is over; undefined once the part is
 * ready.
 */
async function waitUntilReady(
  plan: Plan,
  part: Part,
  withinMs: number,
  signal: AbortSignal,
  isOver: (trouble: Trouble) => boolean = () => false,
): Promise<Trouble | undefined> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const trouble = await part.probe(plan);
    if (!trouble) return undefined;
    signal.throwIfAborted();
    if (performance.now() > deadlineMs || isOver(trouble)) return trouble;
    await Bun.sleep(POLL_MS);
  }
}
