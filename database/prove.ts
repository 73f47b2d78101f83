import type { Connection } from "mysql2/promise";
import type { Schema } from "./schemas.ts";

/** A row that nobody sees, made and dropped. No lecture has id 0, and no person an empty one. */
const WRITES: Record<Schema, [insert: string, remove: string]> = {
  booking: [
    "INSERT INTO stock (lecture_id, capacity, remaining) VALUES (0, 0, 0)",
    "DELETE FROM stock WHERE lecture_id = 0",
  ],
  catalogue: [
    "INSERT INTO heartbeat (id, beat_at) VALUES (0, UTC_TIMESTAMP(3))",
    "DELETE FROM heartbeat WHERE id = 0",
  ],
  people: [
    `INSERT INTO person (id, student_number, created_at, signed_in_at)
     VALUES ('', '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
    "DELETE FROM person WHERE id = ''",
  ],
};

/**
 * Makes a schema's database write as Lectern does: a committed row that nobody sees. Rejects with
 * the server's error, or when a statement outlasts `timeoutMs` milliseconds; the caller must then
 * destroy the connection.
 */
export async function proveDatabase(
  connection: Connection,
  timeoutMs: number,
  schema: Schema,
): Promise<void> {
  for (const sql of ["START TRANSACTION", ...WRITES[schema], "COMMIT"])
    await connection.query({ sql, timeout: timeoutMs });
}
