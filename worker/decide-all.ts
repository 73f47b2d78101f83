import type { Command } from "../contract/command.ts";
import { isDataError } from "../database/data-error.ts";
import { decide } from "./decide.ts";
import type { WorkerDeps } from "./deps.ts";
import { findCulprit } from "./fault.ts";
import { retrying } from "./retry.ts";
import { Contradiction, type Decision } from "./rules.ts";

export interface Outcome {
  decisions: Decision[];
  /** commands that cannot be decided now, and keep the others from being decided */
  undecidable: Set<Command>;
}

/** How long a failing batch is tried again before the search for the command at fault. */
export interface Patience {
  ms: number;
  /** whether commands are tried again without end where the fault is not theirs */
  endless: boolean;
}

export const PATIENT: Patience = { ms: 30_000, endless: true };

/** Patience with part of a batch that has a culprit, in milliseconds: innocent commands wait. */
const PART_MS = 1_000;

/**
 * Decides the commands in one transaction.
 *
 * A failure is tried again. While the database is away the batch waits here: consuming stops, and
 * no attempt counts against a message. A batch with a command at fault is divided until that
 * command is alone. A lecture of which nothing can be decided is put aside as a whole.
 *
 * @param commands of one batch, in their order; at most a thousand
 * @throws the last error when the worker stops; without endless patience, also an error that is no
 * command's fault
 */
export async function decideAll(
  deps: WorkerDeps,
  commands: Command[],
  { ms, endless }: Patience,
): Promise<Outcome> {
  if (commands.length === 0) return { decisions: [], undecidable: new Set() };
  for (let patienceMs = ms; ; patienceMs = PATIENT.ms) {
    try {
      return { decisions: await decideAgain(deps, commands, patienceMs), undecidable: new Set() };
    } catch (err) {
      if (deps.stopping.aborted) throw err;
      const comesAgain = willComeAgain(err);
      const culprit =
        comesAgain && commands.length > 1 ? "commands" : await findCulprit(deps, commands);
      if (culprit === "commands")
        return await decideParts(deps, commands, err, { ms: comesAgain ? ms : PART_MS, endless });
      if (!endless) throw err;
      if (culprit === "lecture") return putAside(deps, commands, err);
      deps.log.error(
        { event: "decide_stuck", commands: commands.length, err },
        "MySQL decides nothing; the worker tries the batch again",
      );
    }
  }
}

function decideAgain(
  deps: WorkerDeps,
  commands: Command[],
  giveUpAfterMs: number,
): Promise<Decision[]> {
  return retrying(() => decide(deps.database, commands, deps.now()), {
    firstWaitMs: 50,
    maxWaitMs: 2_000,
    giveUpAfterMs,
    mayRetry: (error) => !willComeAgain(error),
    onRetry: (err, attempt) =>
      deps.log.warn(
        { event: "decide_retried", attempt, commands: commands.length, err },
        "the transaction failed; the worker tries the batch again",
      ),
    signal: deps.stopping,
    clock: deps.clock,
  });
}

/** Refused values, contradictions and mistakes in the program: no wait changes them. */
export function willComeAgain(error: unknown): boolean {
  return isDataError(error) || mistakes.some((mistake) => error instanceof mistake);
}

const mistakes = [Contradiction, TypeError, RangeError, ReferenceError];

function putAside(deps: WorkerDeps, commands: Command[], err: unknown): Outcome {
  deps.log.error(
    { event: "lecture_stuck", lectureId: commands[0]?.lectureId, commands: commands.length, err },
    "MySQL decides no command of this lecture; its commands wait in the dead letters",
  );
  return { decisions: [], undecidable: new Set(commands) };
}

async function decideParts(
  deps: WorkerDeps,
  commands: Command[],
  err: unknown,
  patience: Patience,
): Promise<Outcome> {
  if (commands.length === 1) {
    deps.log.error(
      { event: "command_undecidable", rid: commands[0]?.rid, err },
      "MySQL decides other commands but not this one; the command goes to the dead letters",
    );
    return { decisions: [], undecidable: new Set(commands) };
  }
  const decisions: Decision[] = [];
  const undecidable = new Set<Command>();
  for (const part of partsOf(commands)) {
    const outcome = await decideAll(deps, part, patience);
    decisions.push(...outcome.decisions);
    for (const command of outcome.undecidable) undecidable.add(command);
  }
  return { decisions, undecidable };
}

/** Splits by lecture; a single lecture is halved. The commands of a lecture keep their order. */
function partsOf(commands: Command[]): Command[][] {
  const lectures = Map.groupBy(commands, ({ lectureId }) => lectureId);
  if (lectures.size > 1) return [...lectures.values()];
  const middle = commands.length >> 1;
  return [commands.slice(0, middle), commands.slice(middle)];
}
