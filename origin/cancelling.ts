import { lectureOf, type Rid, type UserId } from "../contract/ids.ts";
import type { Reservation } from "../contract/reservation.ts";
import { cancelUntil } from "../contract/terms.ts";
import { TERMS_COLUMNS, type TermsRow, termsOf } from "../database/terms-row.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import { atMost, type Deadline } from "./deadline.ts";
import { type DecisionRow, findDecided, reservationOf } from "./decisions.ts";
import type { OriginDeps } from "./deps.ts";
import { findPendingIfPossible, pendingReservation } from "./reservations.ts";
import { select } from "./select.ts";

/** The lecture's terms, and the decision beside them where there is one. */
const SELECT_TERMS_AND_DECISION = `
  SELECT stock.lecture_id AS lectureId, rid, user_id AS userId, status, reason,
         decided_at AS decidedAt, target AS capacity, ${TERMS_COLUMNS}
    FROM stock
    LEFT JOIN reservation ON reservation.lecture_id = stock.lecture_id AND reservation.rid = ?
   WHERE stock.lecture_id = ?`;

type CancellingRow = TermsRow & (DecisionRow | { rid: null });

/** How long the terms of an undecided reservation may take: the cancel needs the time behind it. */
const TERMS_WITHIN_MS = 500;

/** What a request to cancel needs to know. */
export interface Cancelling {
  /** as it stands */
  reservation: Reservation;
  /**
   * the last moment for a request, in Unix milliseconds; undefined where there is no end, and where
   * an earlier request was accepted and is undecided, or MySQL does not tell of an undecided one
   */
  untilMs: number | undefined;
}

/**
 * A user's reservation, as findReservation gives it, and the end of cancelling by the lecture's
 * present terms. MySQL is asked once, and not at all about an accepted cancel. A lecture without
 * stock has no terms, and costs a second read. Rejects if a decision may be there and MySQL cannot
 * be read.
 */
export async function findCancelling(
  deps: OriginDeps,
  { rid, userId }: { rid: Rid; userId: UserId },
  deadline: Deadline,
): Promise<Cancelling | undefined> {
  const pending = await findPendingIfPossible(deps, rid, deadline);
  if (pending && pending.userId !== userId) return undefined;
  const reservation = pendingReservation(rid);
  if (pending?.kind === "cancel") return { reservation, untilMs: undefined };
  const query = { sql: SELECT_TERMS_AND_DECISION, values: [rid, lectureOf(rid)] };
  if (pending) return { reservation, untilMs: await untilOfUndecided(deps, query, deadline) };
  const [row] = await select<CancellingRow>(deps.database, query, deadline);
  const untilMs = row && cancelUntil(termsOf(row));
  const decided = row
    ? ownDecision(row, userId)
    : await findDecided(deps.database, { rid, userId }, deadline);
  return decided && { reservation: decided, untilMs };
}

/**
 * The end of cancelling for a reservation that its node says to be undecided. Without MySQL there
 * is none: nobody has heard of this seat, so nobody counts on it, and the node holds the cancel.
 */
async function untilOfUndecided(
  { database, log }: OriginDeps,
  query: { sql: string; values: string[] },
  deadline: Deadline,
): Promise<number | undefined> {
  try {
    const [row] = await select<CancellingRow>(database, query, atMost(TERMS_WITHIN_MS, deadline));
    return row && cancelUntil(termsOf(row));
  } catch (err) {
    // The outage of MySQL was logged once, when its breaker opened.
    if (!(err instanceof BreakerOpen))
      log.warn(
        { event: "cancel_not_timed", err },
        "an undecided reservation may be cancelled late",
      );
    return undefined;
  }
}

function ownDecision(row: CancellingRow, userId: UserId): Reservation | undefined {
  return row.rid !== null && row.userId === userId ? reservationOf(row as DecisionRow) : undefined;
}
