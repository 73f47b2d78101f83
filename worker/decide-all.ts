import type { Command } from "../contract/command.ts";
import { isDataError } from "../database/data-error.ts";
import type { WorkerDeps } from "./deps.ts";
import { findCulprit } from "./fault.ts";
import { retrying } from "./retry.ts";
import { Contradiction } from "./rules.ts";

export interface Outcome<Of extends Command, Made> {
  decisions: Made[];
  /** commands that cannot be decided now, and keep the others from being decided */
  undecidable: Set<Of>;
}

/** Decides commands once, in one transaction. A second run gives the same decisions. */
export type DecideOnce<Of extends Command, Made> = (commands: Of[]) => Promise<Made[]>;

/** How long failing commands are tried again before the culprit is looked for. */
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
export async function decideAll<Of extends Command, Made>(
  deps: WorkerDeps,
  commands: Of[],
  { ms, endless }: Patience,
  decideOnce: DecideOnce<Of, Made>,
): Promise<Outcome<Of, Made>> {
  if (commands.length === 0) return { decisions: [], undecidable: new Set() };
  for (let patienceMs = ms; ; patienceMs = PATIENT.ms) {
    try {
      const decisions = await decideAgain(deps, commands, patienceMs, decideOnce);
      return { decisions, undecidable: new Set() };
    } catch (err) {
      if (deps.stopping.aborted) throw err;
      const comesAgain = willComeAgain(err);
      const culprit =
        comesAgain && commands.length > 1 ? "commands" : await findCulprit(deps, commands);
      if (culprit === "commands")
        return await decideParts(deps, commands, err, {
          patience: { ms: comesAgain ? ms : PART_MS, endless },
          decideOnce,
        });
      if (!endless) throw err;
      if (culprit === "lecture") return putAside(deps, commands, err);
      deps.log.error(
        { event: "decide_stuck", commands: commands.length, err },
        "a batch waits, since the database decides nothing",
      );
    }
  }
}

function decideAgain<Of extends Command, Made>(
  deps: WorkerDeps,
  commands: Of[],
  giveUpAfterMs: number,
  decideOnce: DecideOnce<Of, Made>,
): Promise<Made[]> {
  return retrying(() => decideOnce(commands), {
    firstWaitMs: 50,
    maxWaitMs: 2_000,
    giveUpAfterMs,
    mayRetry: (error) => !willComeAgain(error),
    onRetry: (err, attempt) =>
      deps.log.warn(
        { event: "decide_retried", attempt, commands: commands.length, err },
        "deciding a batch again",
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

function putAside<Of extends Command>(
  deps: WorkerDeps,
  commands: Of[],
  err: unknown,
): Outcome<Of, never> {
  deps.log.error(
    { event: "lecture_stuck", lectureId: commands[0]?.lectureId, commands: commands.length, err },
    "nothing can be decided of a lecture, the others go on",
  );
  return { decisions: [], undecidable: new Set(commands) };
}

async function decideParts<Of extends Command, Made>(
  deps: WorkerDeps,
  commands: Of[],
  err: unknown,
  { patience, decideOnce }: { patience: Patience; decideOnce: DecideOnce<Of, Made> },
): Promise<Outcome<Of, Made>> {
  if (commands.length === 1) {
    deps.log.error(
      { event: "command_undecidable", rid: commands[0]?.rid, err },
      "a command cannot be decided",
    );
    return { decisions: [], undecidable: new Set(commands) };
  }
  const decisions: Made[] = [];
  const undecidable = new Set<Of>();
  for (const part of partsOf(commands)) {
    const outcome = await decideAll(deps, part, patience, decideOnce);
    decisions.push(...outcome.decisions);
    for (const command of outcome.undecidable) undecidable.add(command);
  }
  return { decisions, undecidable };
}

/** Splits by lecture; a single lecture is halved. The commands of a lecture keep their order. */
function partsOf<Of extends Command>(commands: Of[]): Of[][] {
  const lectures = Map.groupBy(commands, ({ lectureId }) => lectureId);
  if (lectures.size > 1) return [...lectures.values()];
  const middle = commands.length >> 1;
  return [commands.slice(0, middle), commands.slice(middle)];
}
