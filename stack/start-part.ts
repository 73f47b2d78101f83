import { paths, portOf } from "./layout.ts";
import type { Part } from "./part.ts";
import type { Plan } from "./plan.ts";
import { isPortFree, listenerOf } from "./ports.ts";
import { type Child, describeEnding, launch } from "./processes.ts";
import { complaintIn, type ProgramOutput } from "./program-log.ts";
import { recordProcess, runningProcess } from "./records.ts";
import { StackError } from "./stack-error.ts";

const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;

/** A part that this command has started. */
export interface StartedPart extends Child {
  part: Part;
  isReady: boolean;
}

/**
 * Starts a part and waits until it is ready; one that runs already is only waited for. What it started is put into `started`
 * at once, so that the caller can stop it whatever comes next. Throws StackError when it ends or is not ready within a minute.
 */
export async function startPart(
  plan: Plan,
  part: Part,
  started: StartedPart[],
  signal: AbortSignal,
): Promise<string> {
  const running = runningProcess(plan.dir, part.name);
  if (running) {
    await waitUntilReady(plan, part, { log: paths.log(plan.dir, part.name), fromByte: 0 }, signal);
    return "already running";
  }
  const what = await part.prepare(plan, signal);
  signal.throwIfAborted();
  const child = launch(what, paths.log(plan.dir, part.name));
  recordProcess(plan.dir, part.name, child.id);
  const startedPart = { part, ...child, isReady: false };
  started.push(startedPart);
  const died = child.ended.then((ending) => {
    throw new StackError(`${part.name} ${describeEnding(ending)} at its start: ${complaintIn(child.output)}`);
  });
  await Promise.race([waitUntilReady(plan, part, child.output, signal), died]);
  startedPart.isReady = true;
  part.onReady?.(plan);
  return "";
}

/** Throws StackError that names the first of the parts' ports that another program listens on. */
export async function refuseBusyPorts(plan: Plan, parts: Part[]): Promise<void> {
  for (const part of parts) {
    for (const name of part.ports) {
      const port = portOf(plan.basePort, name);
      if (await isPortFree(port)) continue;
      const by = listenerOf(port);
      throw new StackError(
        `port ${port} (${name}) is taken${by ? ` by ${by}` : ""}: free it, or set LECTERN_PORT to the first of ten free ports`,
      );
    }
  }
}

async function waitUntilReady(
  plan: Plan,
  part: Part,
  output: ProgramOutput,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await part.isReady(plan))) {
    signal.throwIfAborted();
    if (performance.now() > deadlineMs) {
      throw new StackError(
        `${part.name} was not ready within ${READY_WITHIN_MS / 1000} s: ${complaintIn(output)}`,
      );
    }
    await Bun.sleep(POLL_MS);
  }
}
