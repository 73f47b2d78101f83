import type { Actor } from "../contract/actor.ts";
import type { ImportFault } from "../contract/lecture-file.ts";
import type { LectureColumn } from "./csv/lecture-columns.ts";
import type { LectureRow } from "./csv/read-lectures.ts";
import { deadlineIn } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { ownLecture } from "./own-lecture.ts";
import { Refusal } from "./refusal.ts";

/** What is wrong with a row that names a lecture, and in which column. */
export type Difference = Pick<ImportFault, "en" | "zh"> & { column: LectureColumn };

const WITHIN_MS = 5_000;

/**
 * Compares a row of a file with the lecture that it names. An import makes lectures and changes
 * none: undefined where nothing would change.
 */
export async function compareWithLecture(
  deps: Pick<OriginDeps, "catalogue" | "gates">,
  actor: Actor,
  id: string,
  row: LectureRow,
): Promise<Difference | undefined> {
  const deadline = deadlineIn(WITHIN_MS);
  try {
    const read = () => ownLecture(deps, actor, id, deadline);
    const { words, terms } = await deps.gates.reads.run(read, deadline);
    const { create: _, ...change } = row.change;
    const wanted: Record<string, unknown> = { ...row.words, ...change, cancelled: row.cancelled };
    const there: Record<string, unknown> = { ...words, ...terms };
    const different = Object.keys(wanted).find(
      (name) => !Bun.deepEquals(wanted[name], there[name]),
    );
    if (different === undefined) return undefined;
    // The terms have their unit in their names; columns have not.
    return { column: different.replace(/Ms$/, "") as LectureColumn, ...DIFFERENT };
  } catch (error) {
    if (error instanceof Refusal && error.code === "lecture_not_found")
      return { column: "id", ...MISSING };
    throw error;
  }
}

const DIFFERENT = {
  en:
    "The lecture says something else. " +
    "An import changes no lecture: change it, or leave the id empty to make a new one.",
  zh: "与现有讲座不一致。导入不会修改讲座：请直接修改该讲座，或将编号留空以新建。",
};

const MISSING = {
  en: "There is no such lecture. Leave the id empty to make a new one.",
  zh: "没有该讲座。如需新建，请将编号留空。",
};
