import { readWords, type WordsRow, wordsOf } from "../catalogue/words.ts";
import type { LectureId } from "../contract/ids.ts";
import type { AmendmentLog } from "../contract/organised-lecture.ts";
import { type AmendmentPlace, readAmendmentPage } from "./amendment-rows.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { select } from "./select.ts";

/**
 * A page of what happened to a lecture, latest decision first: its amendments from the booking
 * schema, and beside each the words that it wrote, from the catalogue.
 */
export async function readAmendmentLog(
  { database, catalogue }: Pick<OriginDeps, "database" | "catalogue">,
  asked: { lectureId: LectureId; limit: number; after?: AmendmentPlace | undefined },
  deadline: Deadline,
): Promise<AmendmentLog> {
  const { amendments, next } = await readAmendmentPage(database, asked, deadline);
  const more = next === undefined ? {} : { next };
  if (amendments.length === 0) return { amendments, ...more };
  const statement = wordsOf(amendments.map(({ id }) => id));
  const rows = await select<WordsRow>(catalogue, statement, deadline);
  const byRid = new Map(rows.map((row) => [row.rid, readWords(row)]));
  const logged = amendments.map((amendment) => {
    const words = byRid.get(amendment.id);
    return words ? { ...amendment, words } : amendment;
  });
  return { amendments: logged, ...more };
}
