import type { Connection } from "mysql2/promise";

/** No lecture has this id. */
const NO_LECTURE = 0;

const WRITE = [
  "START TRANSACTION",
  `INSERT INTO stock (lecture_id, capacity, remaining) VALUES (${NO_LECTURE}, 0, 0)`,
  `DELETE FROM stock WHERE lecture_id = ${NO_LECTURE}`,
  "COMMIT",
];

/**
 * Has the database write as a decision does: a row of the stock, committed, of which nobody sees anything. Rejects with what the
 * server said, or when a statement takes longer than `timeoutMs` milliseconds; the connection is to be destroyed then.
 */
export async function proveDatabase(connection: Connection, timeoutMs: number): Promise<void> {
  for (const sql of WRITE) await connection.query({ sql, timeout: timeoutMs });
}
