import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import type { Database } from "../database/pool.ts";

const INSERT = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
  VALUES (?, ?, ?, 'confirmed', NOW(3), NOW(3))`;

/** Writes a confirmed decision about a claim of this moment. The stock stays as it is. */
export async function insertConfirmed(
  database: Database,
  { lectureId, rid, userId }: { lectureId: LectureId; rid: Rid; userId: UserId },
): Promise<void> {
  await database.withConnection((connection) => connection.query(INSERT, [lectureId, rid, userId]));
}
