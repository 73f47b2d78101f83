import type { Command } from "../../contract/command.ts";
import type { DecisionStatus } from "../../contract/reservation.ts";
import type { Database } from "../../database/pool.ts";

const INSERT = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
  VALUES (?, ?, ?, ?, ?, ?)`;

/** Writes a decision, without the stock and the pending node that a worker would change too. */
export async function insertDecision(
  database: Database,
  { lectureId, rid, userId }: Pick<Command, "lectureId" | "rid" | "userId">,
  status: DecisionStatus,
  claimedAt = new Date(),
): Promise<void> {
  const values = [lectureId, rid, userId, status, claimedAt, new Date()];
  await database.withConnection((connection) => connection.execute(INSERT, values));
}
