import type { LectureId, Rid } from "../contract/ids.ts";
import { CLAIMS_MAX, type Decisions, type DecisionsRequest } from "../contract/on-behalf.ts";
import type { Reservation } from "../contract/reservation.ts";
import type { Deadline } from "./deadline.ts";
import { type DecisionRow, reservationOf } from "./decisions.ts";
import type { OriginDeps } from "./deps.ts";
import { select } from "./select.ts";

/** One statement for every number of ids: the last id stands in the places that are left. */
const SELECT_DECISIONS = `
  SELECT lecture_id AS lectureId, rid, user_id AS userId, status, reason, decided_at AS decidedAt
    FROM reservation
   WHERE lecture_id = ? AND rid IN (${Array.from({ length: CLAIMS_MAX }, () => "?").join(", ")})`;

/**
 * The decisions of these ids, as far as there are any. If asked to, waits up to `waitMs` for the
 * pending nodes of the others to go, on top of the deadline. Rejects if MySQL cannot be read.
 */
export async function findDecisions(
  deps: OriginDeps,
  { lectureId, rids, waitMs }: DecisionsRequest,
  deadline: Deadline,
): Promise<Decisions> {
  const decided = await readDecisions(deps, lectureId, rids, deadline);
  const known = new Set(decided.map(({ id }) => id));
  const undecided = rids.filter((rid) => !known.has(rid));
  if (waitMs === 0 || undecided.length === 0) return { reservations: decided };
  const untilGone = (rid: Rid) => deps.watches.untilGone(rid, { timeoutMs: waitMs });
  await deadline.pausedFor(Promise.all(undecided.map(untilGone)));
  const late = await readDecisions(deps, lectureId, undecided, deadline);
  return { reservations: [...decided, ...late] };
}

async function readDecisions(
  { database, gates }: OriginDeps,
  lectureId: LectureId,
  rids: Rid[],
  deadline: Deadline,
): Promise<Reservation[]> {
  const values = [lectureId, ...rids];
  const last = rids.at(-1) ?? "";
  while (values.length <= CLAIMS_MAX) values.push(last);
  const read = () => select<DecisionRow>(database, { sql: SELECT_DECISIONS, values }, deadline);
  return (await gates.reads.run(read, deadline)).map(reservationOf);
}
