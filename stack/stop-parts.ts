import type { Part } from "./part.ts";
import { STOP_ORDER } from "./parts.ts";
import { type ProcessId, stop } from "./processes.ts";
import { forgetProcess, runningProcess } from "./records.ts";
import { StackError } from "./stack-error.ts";
import { runSteps, type Step } from "./steps.ts";

/** A part and the process to stop. */
export interface Stoppable {
  part: Part;
  id: ProcessId;
  /** false while the part starts: it has nothing to drain, and may not obey SIGTERM yet */
  isReady?: boolean;
}

export interface StopOptions {
  /** gives each part one more second at most */
  hurry: AbortSignal;
  /** show nothing */
  quietly?: boolean;
}

const STARTING_STOPS_WITHIN_MS = 2_000;

/** Every running part of a stack directory. */
export function runningParts(dir: string): Stoppable[] {
  return STOP_ORDER.flat().flatMap((part) => {
    const id = runningProcess(dir, part.name);
    return id ? [{ part, id }] : [];
  });
}

/**
 * Stops these processes and nothing else: callers first, then the servers that answer them. Each
 * stage waits until the one before has drained. Throws StackError when a process could not be
 * ended.
 */
export async function stopParts(
  dir: string,
  targets: Stoppable[],
  { hurry, quietly = false }: StopOptions,
): Promise<void> {
  const steps: Step[] = [];
  let before: string[] = [];
  for (const stage of STOP_ORDER) {
    const names: string[] = [];
    for (const part of stage) {
      const target = targets.find((candidate) => candidate.part === part);
      if (!target) continue;
      steps.push(stopStep(dir, target, before, hurry));
      names.push(part.name);
    }
    if (names.length > 0) before = names;
  }
  await runSteps(steps, { quietly });
}

const outcomeNotes = {
  stopped: "stopped",
  killed: "killed, as it did not end in time",
  gone: "had ended before",
};

function stopStep(
  dir: string,
  { part, id, isReady }: Stoppable,
  needs: string[],
  hurry: AbortSignal,
): Step {
  const run = async () => {
    const outcome = await stop(
      id,
      isReady === false ? STARTING_STOPS_WITHIN_MS : part.stopWithinMs,
      hurry,
    );
    if (outcome === "survived")
      throw new StackError(`${part.name} (pid ${id.pid}) could not be ended`);
    forgetProcess(dir, part.name, id);
    return outcomeNotes[outcome];
  };
  return { name: part.name, needs, run };
}
