import type { RowDataPacket } from "mysql2/promise";
import { openRedis } from "../../admission/redis.ts";
import type { LectureId, Rid, UserId } from "../../contract/ids.ts";
import { redisKeys } from "../../contract/names.ts";
import type { Database } from "../../database/pool.ts";
import type { StackEnvironment } from "../environment.ts";
import { insertLecture, type LectureDatabases, type NewLecture } from "../insert-lecture.ts";

/** The title of a hidden lecture. `npm start` books a seat of it to show that booking works. */
export const PROOF_TITLE = "npm start books here, to show that booking works";

/** A lecture of the next century, so no list has it. Its window is open all the same. */
function proofLecture(): NewLecture {
  return {
    title: PROOF_TITLE,
    speaker: "npm start",
    venue: "npm start",
    startsAt: new Date("2100-01-01T00:00:00Z"),
    endsAt: new Date("2100-01-01T01:00:00Z"),
    opensAt: new Date("2000-01-01T00:00:00Z"),
    closesAt: new Date("2100-01-01T00:00:00Z"),
    capacity: 1_000,
  };
}

const SELECT_ID = "SELECT id FROM lecture WHERE title = ? AND published ORDER BY id LIMIT 1";

/** Decisions over an hour old: no booking of theirs is in progress any more. */
const SELECT_OLD = `
  SELECT rid, user_id AS userId, status FROM reservation
   WHERE lecture_id = ? AND decided_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR LIMIT 100`;
const DELETE_OLD =
  "DELETE FROM reservation WHERE lecture_id = ? AND rid IN (?) AND status <> 'confirmed'";

interface OldRow extends RowDataPacket {
  rid: Rid;
  userId: UserId;
  status: string;
}

/** The lecture's id. A missing lecture is made. */
export async function findProofLecture(databases: LectureDatabases): Promise<LectureId> {
  const [row] = await databases.catalogue.withConnection(async (connection) => {
    const [rows] = await connection.execute<RowDataPacket[]>(SELECT_ID, [PROOF_TITLE]);
    return rows;
  });
  return row ? String(row["id"]) : await insertLecture(databases, proofLecture());
}

/**
 * Removes the reservations that earlier starts booked and gave back, at most 100, so that nothing
 * grows. Gives the reservations of interrupted starts, which still hold a seat.
 */
export async function forgetOldBookings(
  database: Database,
  lectureId: LectureId,
  { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }: StackEnvironment,
): Promise<{ rid: Rid; userId: UserId }[]> {
  const rows = await database.withConnection(async (connection) => {
    const [old] = await connection.execute<OldRow[]>(SELECT_OLD, [lectureId]);
    return old;
  });
  const over = rows.filter(({ status }) => status !== "confirmed").map(({ rid }) => rid);
  if (over.length > 0) {
    // Redis comes first: the audit counts a released rid without a decision as a breach.
    await openRedis({ url, token, timeoutMs: 5_000 }).hdel(redisKeys.released(lectureId), ...over);
    await database.withConnection((connection) => connection.query(DELETE_OLD, [lectureId, over]));
  }
  return rows.filter(({ status }) => status === "confirmed");
}
