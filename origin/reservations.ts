import type { RowDataPacket } from "mysql2/promise";
import { BreakerOpen } from "../breaker/breaker.ts";
import { type LectureId, lectureOf, type Rid, type UserId } from "../contract/ids.ts";
import type { DecisionStatus, RejectReason, Reservation } from "../contract/reservation.ts";
import type { Database } from "../database/pool.ts";
import { type Deadline, within } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { select } from "./select.ts";

const SELECT_DECISION = `
  SELECT lecture_id AS lectureId, rid, user_id AS userId, status, reason, decided_at AS decidedAt
    FROM reservation WHERE lecture_id = ? AND rid = ?`;

export interface DecisionRow extends RowDataPacket {
  lectureId: LectureId | number;
  rid: Rid;
  userId: UserId;
  status: DecisionStatus;
  reason: RejectReason | null;
  decidedAt: Date;
}

/**
 * A user's reservation as it stands: pending while a command of it has its node, else as decided. The node is looked at first; it goes
 * only after the decision can be read, so a reservation is never missed between the two. Undefined when there is
 * neither, or when it is another user's.
 */
export async function findReservation(
  deps: OriginDeps,
  { rid, userId }: { rid: Rid; userId: UserId },
  deadline: Deadline,
): Promise<Reservation | undefined> {
  const pending = await findPendingIfPossible(deps, rid, deadline);
  if (pending) return pending.userId === userId ? pendingReservation(rid) : undefined;
  return await findDecided(deps.database, { rid, userId }, deadline);
}

export function pendingReservation(rid: Rid): Reservation {
  return { id: rid, lectureId: lectureOf(rid), status: "pending" };
}

/** While ZooKeeper is away a reservation can still be read: undecided ones then look unknown here, and the edge asks their claim. */
export async function findPendingIfPossible(deps: OriginDeps, rid: Rid, deadline: Deadline) {
  try {
    return await within(deadline, deps.findPendingNode(rid));
  } catch (err) {
    if (!(err instanceof BreakerOpen))
      deps.log.warn({ event: "node_not_read", rid, err }, "a status is answered without its pending node");
    return undefined;
  }
}

/**
 * A user's reservation as it was decided; undefined while it is not, and when it is another user's.
 * Rejects when MySQL cannot be read.
 */
export async function findDecided(
  database: Database,
  { rid, userId }: { rid: Rid; userId: UserId },
  deadline: Deadline,
): Promise<Reservation | undefined> {
  const values = [lectureOf(rid), rid];
  const [row] = await select<DecisionRow>(database, { sql: SELECT_DECISION, values }, deadline);
  return row?.userId === userId ? reservationOf(row) : undefined;
}

/** A decision as clients see it. */
export function reservationOf(row: DecisionRow): Reservation {
  return {
    id: row.rid,
    lectureId: String(row.lectureId),
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    decidedAt: row.decidedAt.toISOString(),
  };
}
