import type { UserId } from "../contract/ids.ts";
import type { ListedStudent } from "../contract/on-behalf.ts";
import { StudentNumber, userIdOfStudent } from "../contract/student-number.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { findGroups } from "./people.ts";

/**
 * Adds to the students of a list the groups of their last sign-in, for a lecture with an audience.
 * The students have no session here that names their groups. Rejects if MySQL does not give the
 * groups: without groups no student would be eligible.
 */
export async function withGroups(
  deps: Pick<OriginDeps, "people" | "gates" | "studentNumberCase">,
  students: readonly ListedStudent[],
  deadline: Deadline,
): Promise<ListedStudent[]> {
  const userIds = students.map(({ studentNumber }) => userIdOf(deps, studentNumber));
  const known = [...new Set(userIds.filter((id) => id !== undefined))];
  const read = () => findGroups(deps.people, known, deadline);
  const groups = await deps.gates.reads.run(read, deadline);
  return students.map((student, at) => ({
    ...student,
    groups: groups.get(userIds[at] ?? "") ?? null,
  }));
}

function userIdOf(
  { studentNumberCase }: Pick<OriginDeps, "studentNumberCase">,
  text: string,
): UserId | undefined {
  const number = StudentNumber.safeParse(text).data;
  return number === undefined ? undefined : userIdOfStudent(number, studentNumberCase);
}
