import { lectureOf, type UserId } from "../contract/ids.ts";
import { noCase } from "../contract/no-case.ts";
import type { Reservation } from "../contract/reservation.ts";
import {
  newestFirst,
  type OriginPage,
  PAGE_LIMIT_MAX,
  type PagePlace,
  writePlace,
} from "../contract/reservation-page.ts";
import { inParallel } from "../pending/in-parallel.ts";
import type { Deadline } from "./deadline.ts";
import { type DecisionRow, findDecided, reservationOf } from "./decisions.ts";
import type { OriginDeps } from "./deps.ts";
import { findPendingIfPossible, pendingReservation } from "./reservations.ts";
import { select } from "./select.ts";

/**
 * Reads the key backwards: as many rows as a page may have, and one more that shows whether there
 * are more.
 */
const SELECT_PAGE = `
  SELECT lecture_id AS lectureId, rid, user_id AS userId, status, reason, decided_at AS decidedAt,
         claimed_at AS claimedAt
    FROM reservation
   WHERE user_id = ? AND claimed_at <= ?
     AND (claimed_at < ? OR lecture_id < ? OR (lecture_id = ? AND rid < ?))
   ORDER BY claimed_at DESC, lecture_id DESC, rid DESC LIMIT ${PAGE_LIMIT_MAX + 1}`;

interface PageRow extends DecisionRow {
  claimedAt: Date;
}

export interface PageQuery {
  userId: UserId;
  /** the most reservations on the page, up to PAGE_LIMIT_MAX */
  limit: number;
  /** the last place of the page before; without it the newest reservation comes first */
  after?: PagePlace | undefined;
  /** the user's undecided claims, as Redis named them before this question */
  held: PagePlace[];
}

/** A place later than any claim. */
const BEGINNING: PagePlace = {
  claimedAtMs: 253_402_300_799_999,
  rid: `999999999999999-${"g".repeat(32)}`,
};

/** Cancels are few, and ZooKeeper has other requests to answer. */
const NODES_AT_A_TIME = 4;

type Entry = PagePlace & { reservation: Reservation };

/**
 * A page of a user's reservations, newest claim first: the decided ones, and the held claims
 * without a decision. A decision written since Redis was asked counts. A seat being given back is
 * pending, as long as ZooKeeper can be asked. Rejects if MySQL cannot be read.
 */
export async function readPage(
  deps: OriginDeps,
  query: PageQuery,
  deadline: Deadline,
): Promise<OriginPage> {
  const { limit, after = BEGINNING } = query;
  // In this order, so that a decision written in between is read.
  const undecided = await undecidedAfter(deps, query, after, deadline);
  const decided = await decidedAfter(deps, query.userId, after, deadline);
  const known = new Set(decided.map(({ rid }) => rid));
  const all = [...decided, ...undecided.filter(({ rid }) => !known.has(rid))].sort(newestFirst);
  const page = all.slice(0, limit);
  const last = page.at(-1);
  const reservations = await inParallel(page, NODES_AT_A_TIME, (entry) =>
    asItStands(deps, entry, deadline),
  );
  return { reservations, ...(last && all.length > limit && { more: writePlace(last) }) };
}

async function decidedAfter(
  { database }: OriginDeps,
  userId: UserId,
  { claimedAtMs, rid }: PagePlace,
  deadline: Deadline,
): Promise<Entry[]> {
  const [at, lectureId] = [dateTimeOf(claimedAtMs), lectureOf(rid)];
  const values = [userId, at, at, lectureId, lectureId, rid];
  const rows = await select<PageRow>(database, { sql: SELECT_PAGE, values }, deadline);
  return rows.map((row) => ({
    claimedAtMs: row.claimedAt.getTime(),
    rid: row.rid,
    reservation: reservationOf(row),
  }));
}

/** MySQL's own form, to the millisecond, in the session's UTC. */
function dateTimeOf(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, -1);
}

async function undecidedAfter(
  { database }: OriginDeps,
  { userId, held }: PageQuery,
  after: PagePlace,
  deadline: Deadline,
): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const { claimedAtMs, rid } of held) {
    if (newestFirst(after, { claimedAtMs, rid }) >= 0) continue;
    if (await findDecided(database, { rid, userId }, deadline)) continue;
    found.push({ claimedAtMs, rid, reservation: pendingReservation(rid) });
  }
  return found;
}

/** A confirmed seat that is being given back is pending, as its own address says. */
async function asItStands(
  deps: OriginDeps,
  { rid, reservation }: Entry,
  deadline: Deadline,
): Promise<Reservation> {
  const { status } = reservation;
  switch (status) {
    case "pending":
    case "rejected":
    case "cancelled":
      return reservation;
    case "confirmed": {
      const pending = await findPendingIfPossible(deps, rid, deadline);
      return pending ? pendingReservation(rid) : reservation;
    }
    default:
      return noCase(status);
  }
}
