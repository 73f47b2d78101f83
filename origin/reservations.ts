import type { RowDataPacket } from "mysql2/promise";
import { type LectureId, lectureOf, type Rid, type UserId } from "../contract/ids.ts";
import type { DecisionStatus, RejectReason, Reservation } from "../contract/reservation.ts";
import type { Database } from "../database/pool.ts";
import { findPending } from "../pending/read.ts";
import type { OriginDeps } from "./deps.ts";

const SELECT_DECISION = `
  SELECT lecture_id AS lectureId, rid, user_id AS userId, status, reason, decided_at AS decidedAt
    FROM reservation WHERE lecture_id = ? AND rid = ?`;

const SELECT_OF_USER = `
  SELECT lecture_id AS lectureId, rid, user_id AS userId, status, reason, decided_at AS decidedAt
    FROM reservation WHERE user_id = ? ORDER BY decided_at DESC LIMIT 200`;

const STATEMENT_TIMEOUT_MS = 5_000;

interface DecisionRow extends RowDataPacket {
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
  rid: Rid,
  userId: UserId,
): Promise<Reservation | undefined> {
  const pending = await findPendingIfPossible(deps, rid);
  if (pending) return pending.userId === userId ? pendingReservation(rid) : undefined;
  return await findDecided(deps.database, rid, userId);
}

export function pendingReservation(rid: Rid): Reservation {
  return { id: rid, lectureId: lectureOf(rid), status: "pending" };
}

/** While ZooKeeper is away a reservation can still be read: undecided ones then look unknown here, and the edge asks their claim. */
async function findPendingIfPossible(deps: OriginDeps, rid: Rid) {
  try {
    return await findPending(deps.zooKeeper, rid);
  } catch (err) {
    deps.log.warn({ event: "node_not_read", rid, err }, "a status is answered without its pending node");
    return undefined;
  }
}

async function findDecided(database: Database, rid: Rid, userId: UserId): Promise<Reservation | undefined> {
  const values = [lectureOf(rid), rid];
  const [rows] = await database.withConnection((connection) =>
    connection.execute<DecisionRow[]>({ sql: SELECT_DECISION, timeout: STATEMENT_TIMEOUT_MS, values }),
  );
  const row = rows[0];
  return row?.userId === userId ? reservationOf(row) : undefined;
}

/** A user's latest 200 decided reservations, newest first. */
export async function listReservations(database: Database, userId: UserId): Promise<Reservation[]> {
  const [rows] = await database.withConnection((connection) =>
    connection.execute<DecisionRow[]>({
      sql: SELECT_OF_USER,
      timeout: STATEMENT_TIMEOUT_MS,
      values: [userId],
    }),
  );
  return rows.map(reservationOf);
}

function reservationOf(row: DecisionRow): Reservation {
  return {
    id: row.rid,
    lectureId: String(row.lectureId),
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    decidedAt: row.decidedAt.toISOString(),
  };
}
