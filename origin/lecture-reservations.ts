import type { RowDataPacket } from "mysql2/promise";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import type {
  OriginSeatPage,
  Seat,
  SeatFilter,
  SeatQuery,
} from "../contract/lecture-reservations.ts";
import type { DecisionStatus, RejectReason } from "../contract/reservation.ts";
import {
  type StudentNumberCase,
  studentNumberOf,
  userIdOfStudent,
} from "../contract/student-number.ts";
import type { Database } from "../database/pool.ts";
import type { Deadline } from "./deadline.ts";
import { select } from "./select.ts";

interface SeatRow extends RowDataPacket {
  rid: Rid;
  userId: UserId;
  status: DecisionStatus;
  reason: RejectReason | null;
  claimedAt: Date;
  decidedAt: Date;
}

export interface SeatReading {
  /** the booking schema; its primary, so that a seat given a moment ago is there */
  database: Database;
  studentNumberCase: StudentNumberCase;
}

/** A lecture's decided reservations by id, from behind `after` on. Rejects without MySQL. */
export async function readSeats(
  { database, studentNumberCase }: SeatReading,
  lectureId: LectureId,
  { status, student, after, limit }: SeatQuery,
  deadline: Deadline,
): Promise<OriginSeatPage> {
  const conditions = ["lecture_id = ?"];
  const values: string[] = [lectureId];
  const narrow = (condition: string, value: string) => {
    conditions.push(condition);
    values.push(value);
  };
  // Ids are in the order of the primary key, so a page costs the same wherever it begins.
  if (after !== undefined) narrow("rid > ?", after);
  if (status !== undefined) narrow("status = ?", status);
  if (student !== undefined)
    narrow("user_id LIKE ?", `${userIdOfStudent(student, studentNumberCase)}%`);
  const sql = `
    SELECT rid, user_id AS userId, status, reason, claimed_at AS claimedAt, decided_at AS decidedAt
      FROM reservation WHERE ${conditions.join(" AND ")} ORDER BY rid LIMIT ${limit + 1}`;
  const rows = await select<SeatRow>(database, { sql, values }, deadline);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    reservations: page.map(seatOf),
    ...(last && rows.length > limit && { more: last.rid }),
  };
}

/** Pages of all reservations that a filter lets through, each read when it is asked for. */
export async function* seatPages(
  read: (query: SeatQuery) => Promise<OriginSeatPage>,
  filter: SeatFilter,
  limit: number,
): AsyncGenerator<Seat[]> {
  let after: Rid | undefined;
  do {
    const page = await read({ ...filter, after, limit });
    yield page.reservations;
    after = page.more;
  } while (after !== undefined);
}

function seatOf({ rid, userId, status, reason, claimedAt, decidedAt }: SeatRow): Seat {
  const studentNumber = studentNumberOf(userId);
  return {
    id: rid,
    userId,
    ...(studentNumber !== undefined && { studentNumber }),
    status,
    ...(reason !== null && { reason }),
    ...timeAs("claimedAt", claimedAt),
    ...timeAs("decidedAt", decidedAt),
  };
}

/** Without the member where the row holds no valid time. */
function timeAs<Name extends string>(name: Name, at: Date): Partial<Record<Name, string>> {
  return Number.isNaN(at.getTime()) ? {} : ({ [name]: at.toISOString() } as Record<Name, string>);
}
