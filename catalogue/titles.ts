import type { LectureId } from "../contract/ids.ts";
import type { Statement } from "./lists.ts";

/** The titles of these lectures, unpublished ones too. At least one id. */
export function titlesOf(ids: LectureId[]): Statement {
  const places = ids.map(() => "?").join(", ");
  return { sql: `SELECT id, title FROM lecture WHERE id IN (${places})`, values: ids };
}
