import { createPool } from "mysql2/promise";
import type { ReserveCommand } from "../../../../contract/command.ts";
import { inParallel } from "../../../../pending/in-parallel.ts";
import { chunksOf } from "../../chunks.ts";

const ROWS_PER_TRANSACTION = 500;

const INSERT = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, reason, claimed_at, decided_at) VALUES ?`;

/**
 * The client alone: one statement, and so one transaction, per 500 rows; each lecture on its own
 * connection. Returns the rows committed per second.
 */
export async function insertAll(mysqlUrl: string, lists: ReserveCommand[][]): Promise<number> {
  const pool = createPool({ uri: mysqlUrl, connectionLimit: lists.length, timezone: "Z" });
  const connections = await Promise.all(lists.map(() => pool.getConnection()));
  const startedAtMs = performance.now();
  await inParallel([...connections.entries()], lists.length, async ([index, connection]) => {
    for (const commands of chunksOf(lists[index] ?? [], ROWS_PER_TRANSACTION))
      await connection.query(INSERT, [commands.map(rowOf)]);
  });
  const tookMs = performance.now() - startedAtMs;
  for (const connection of connections) connection.release();
  await pool.end();
  return (1_000 * lists.flat().length) / tookMs;
}

function rowOf({ lectureId, rid, userId, claimedAtMs }: ReserveCommand): unknown[] {
  return [lectureId, rid, userId, "confirmed", null, new Date(claimedAtMs), new Date()];
}
