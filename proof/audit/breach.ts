import type { Rid, UserId } from "../../contract/ids.ts";
import { holdsSeat } from "../../contract/reservation.ts";
import type { ReservationRow } from "./facts.ts";

/** A breach of a guarantee: in words, with the rid and user of the faulty row if there is one. */
export interface Breach {
  what: string;
  rid?: Rid;
  userId?: UserId;
}

/** How often a promise is broken: not at all if `count` is 0. */
export interface Judged {
  /** the total of breaches */
  count: number;
  /** the first breaches */
  breaches: Breach[];
}

const BREACHES_KEPT = 20;

/** Counts all breaches and keeps the first twenty. */
export function judge(found: Iterable<Breach>): Judged {
  const judged: Judged = { count: 0, breaches: [] };
  for (const breach of found) {
    judged.count += 1;
    if (judged.count <= BREACHES_KEPT) judged.breaches.push(breach);
  }
  return judged;
}

/** The greatest permitted age of something undecided, in milliseconds. */
export interface AgeLimits {
  /** G6: of a claim or command without a decision */
  undecidedMs: number;
  /** G7: of a pending node */
  pendingMs: number;
}

export function breachOf({ rid, userId }: ReservationRow, what: string): Breach {
  return { what, rid, userId };
}

export function confirmedOf(rows: ReservationRow[]): ReservationRow[] {
  return rows.filter(({ status }) => holdsSeat(status));
}

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

export function inSeconds(ageMs: number): string {
  return `${(ageMs / 1_000).toFixed(1)} s`;
}
