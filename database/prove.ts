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
 * Makes the database write as a decision does: a committed stock row that nobody sees. Rejects with
 * the server's error, or when a statement outlasts `timeoutMs` milliseconds; the caller must then
 * destroy the connection.
 */
export async function proveDatabase(connection: Connection, timeoutMs: number): Promise<void> {
  for (const sql of WRITE) await connection.query({ sql, timeout: timeoutMs });
}
