import type { RowDataPacket } from "mysql2/promise";
import type { UserId } from "../contract/ids.ts";
import { SessionGroups } from "../contract/session.ts";
import { studentNumberOf } from "../contract/student-number.ts";
import type { Database } from "../database/pool.ts";
import type { Deadline } from "./deadline.ts";
import { execute } from "./execute.ts";
import { select } from "./select.ts";

const REMEMBER = `
  INSERT INTO person (id, student_number, created_at, signed_in_at, \`groups\`)
  VALUES (?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), ?)
  ON DUPLICATE KEY UPDATE signed_in_at = UTC_TIMESTAMP(3), \`groups\` = VALUES(\`groups\`)`;

/** A student who signs in. */
export interface SigningIn {
  userId: UserId;
  /** those of the session */
  groups: readonly string[];
}

/**
 * Writes down that a student signs in now, and in which groups. Rejects if MySQL does not do so
 * before the deadline.
 */
export async function rememberStudent(
  people: Database,
  { userId, groups }: SigningIn,
  deadline: Deadline,
): Promise<void> {
  const values = [userId, studentNumberOf(userId) ?? "", JSON.stringify(groups)];
  await execute(people, { sql: REMEMBER, values }, deadline);
}

const PEOPLE_AT_A_TIME = 100;

/** One statement for every number of people: the last id stands in the places that are left. */
const SELECT_GROUPS = `
  SELECT id, \`groups\` FROM person
   WHERE id IN (${Array.from({ length: PEOPLE_AT_A_TIME }, () => "?").join(", ")})`;

interface GroupsRow extends RowDataPacket {
  id: UserId;
  groups: string | null;
}

/**
 * The groups of these people by their last sign-in. Who is missing has never signed in, or with
 * groups that nobody has written down. Rejects if MySQL cannot be read.
 */
export async function findGroups(
  people: Database,
  userIds: readonly UserId[],
  deadline: Deadline,
): Promise<Map<UserId, string[]>> {
  const found = new Map<UserId, string[]>();
  for (let at = 0; at < userIds.length; at += PEOPLE_AT_A_TIME) {
    const some = userIds.slice(at, at + PEOPLE_AT_A_TIME);
    const values = Array.from({ length: PEOPLE_AT_A_TIME }, (_, n) => some[n] ?? some.at(-1) ?? "");
    const rows = await select<GroupsRow>(people, { sql: SELECT_GROUPS, values }, deadline);
    for (const { id, groups } of rows) {
      const read = readGroups(groups);
      if (read) found.set(id, read);
    }
  }
  return found;
}

function readGroups(text: string | null): string[] | undefined {
  try {
    return SessionGroups.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}
