import type { Command, SeatCommand } from "../contract/command.ts";
import type { LectureId } from "../contract/ids.ts";
import { noCase } from "../contract/no-case.ts";
import { rehearseAmendment } from "./amend.ts";
import { rehearse } from "./decide.ts";
import type { WorkerDeps } from "./deps.ts";
import { retrying } from "./retry.ts";

/** Suspects are at fault after this many failures, with others succeeding before and after each. */
const COMPARISONS = 3;

/** How long the others may take, in milliseconds: a suspect may have brought the database down. */
const OTHERS_MAY_TAKE_MS = 10_000;

/** A lecture that nobody publishes. The rules reject its commands; the rejections are written. */
const NO_LECTURE: LectureId = "999999999999999";

/** Where a user has this name, the rehearsal is of a rejection, which serves as well. */
const NOBODY = "nobody";

/** An amendment of a version that no lecture has. The refusal is written. */
const REFUSED = { ifVersion: 0, strict: false, words: true, change: {} };

type FaultDeps = Pick<WorkerDeps, "database" | "now" | "clock" | "stopping">;

/**
 * Why commands cannot be decided:
 * - `commands`: one or several of them are at fault;
 * - `lecture`: no command of their one lecture can be decided; its stock may be locked or wrong;
 * - `database`: no other command can be decided either, or these can be decided by now.
 */
export type Culprit = "commands" | "lecture" | "database";

/**
 * Finds the culprit by comparison, since no list of errors is complete. Commands are at fault where
 * they fail three times while stand-ins go through the same statements before and after. Stand-ins
 * are commands of the same lecture that nobody sent. All is only rehearsed: nothing changes.
 *
 * Never rejects. Takes some ten seconds where the database is away.
 *
 * @param commands at least one
 */
export async function findCulprit(deps: FaultDeps, commands: Command[]): Promise<Culprit> {
  const others = [standIn(deps, NO_LECTURE, "reserve")];
  const lectures = new Set(commands.map(({ lectureId }) => lectureId));
  if (lectures.size > 1)
    return (await failBeside(deps, commands, others)) ? "commands" : "database";
  const alike = standInsFor(deps, commands);
  if (await failBeside(deps, commands, alike)) return "commands";
  return (await failBeside(deps, alike, others)) ? "lecture" : "database";
}

/** Whether other commands of the lecture and kind go through within ten seconds. Never rejects. */
export function othersGoThrough(deps: FaultDeps, command: Command): Promise<boolean> {
  return goThroughSoon(deps, standInsFor(deps, [command]));
}

async function failBeside(
  deps: FaultDeps,
  suspects: Command[],
  others: Command[],
): Promise<boolean> {
  for (let comparison = 0; comparison < COMPARISONS; comparison += 1) {
    if (!(await goThroughSoon(deps, others))) return false;
    if (await goThrough(deps, suspects)) return false;
  }
  return await goThroughSoon(deps, others);
}

function goThroughSoon(deps: FaultDeps, commands: Command[]): Promise<boolean> {
  return retrying(() => rehearseAll(deps, commands), {
    firstWaitMs: 50,
    maxWaitMs: 1_000,
    giveUpAfterMs: OTHERS_MAY_TAKE_MS,
    mayRetry: () => true,
    onRetry: () => {},
    signal: deps.stopping,
    clock: deps.clock,
  }).then(yes, no);
}

function goThrough(deps: FaultDeps, commands: Command[]): Promise<boolean> {
  return rehearseAll(deps, commands).then(yes, no);
}

/** Amendments are rehearsed one by one, as they are decided. */
async function rehearseAll(deps: FaultDeps, commands: Command[]): Promise<void> {
  const seats: SeatCommand[] = [];
  for (const command of commands) {
    if (command.kind === "amend") await rehearseAmendment(deps, command);
    else seats.push(command);
  }
  if (seats.length > 0) await rehearse(deps.database, seats, deps.now());
}

const yes = () => true;
const no = () => false;

/** One stand-in for each kind. All commands are of one lecture. */
function standInsFor(deps: FaultDeps, commands: Command[]): Command[] {
  const kinds = new Map(commands.map(({ kind, lectureId }) => [kind, lectureId]));
  return [...kinds].map(([kind, lectureId]) => standIn(deps, lectureId, kind));
}

function standIn({ now, clock }: FaultDeps, lectureId: LectureId, kind: Command["kind"]): Command {
  const hex = Array.from({ length: 32 }, () => Math.floor(clock.random() * 16).toString(16));
  const subject = { rid: `${lectureId}-${hex.join("")}`, lectureId, userId: NOBODY };
  switch (kind) {
    case "reserve":
      return { kind, ...subject, claimedAtMs: now() };
    case "cancel":
      return { kind, ...subject, requestedAtMs: now() };
    case "amend":
      return { kind, ...subject, requestedAtMs: now(), ...REFUSED };
    default:
      return noCase(kind);
  }
}
