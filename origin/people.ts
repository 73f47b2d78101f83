import type { UserId } from "../contract/ids.ts";
import { studentNumberOf } from "../contract/student-number.ts";
import type { Database } from "../database/pool.ts";
import type { Deadline } from "./deadline.ts";
import { execute } from "./execute.ts";

const REMEMBER = `
  INSERT INTO person (id, student_number, created_at, signed_in_at)
  VALUES (?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE signed_in_at = UTC_TIMESTAMP(3)`;

/** Writes down that a student signs in now. Rejects if MySQL does not do so before the deadline. */
export async function rememberStudent(
  people: Database,
  userId: UserId,
  deadline: Deadline,
): Promise<void> {
  const values = [userId, studentNumberOf(userId) ?? ""];
  await execute(people, { sql: REMEMBER, values }, deadline);
}
