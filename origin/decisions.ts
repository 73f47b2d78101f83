import type { RowDataPacket } from "mysql2/promise";
import { type LectureId, lectureOf, type Rid, type UserId } from "../contract/ids.ts";
import type { DecisionStatus, RejectReason, Reservation } from "../contract/reservation.ts";
import type { Database } from "../database/pool.ts";
import type { Deadline } from "./deadline.ts";
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

/** A reservation with its decision. */
export type Decided = Reservation & { status: DecisionStatus };

/**
 * A user's reservation as decided; undefined before the decision, and for another user's
 * reservation. Rejects if MySQL cannot be read.
 */
export async function findDecided(
  database: Database,
  { rid, userId }: { rid: Rid; userId: UserId },
  deadline: Deadline,
): Promise<Decided | undefined> {
  const values = [lectureOf(rid), rid];
  const [row] = await select<DecisionRow>(database, { sql: SELECT_DECISION, values }, deadline);
  return row?.userId === userId ? reservationOf(row) : undefined;
}

/** A decision as clients see it, without `decidedAt` if the row holds no valid time. */
export function reservationOf(row: DecisionRow): Decided {
  return {
    id: row.rid,
    lectureId: String(row.lectureId),
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(Number.isNaN(row.decidedAt.getTime()) ? {} : { decidedAt: row.decidedAt.toISOString() }),
  };
}
