import type { RowDataPacket } from "mysql2/promise";
import {
  projectAmended,
  type RunWrite,
  type VersionRow,
  versionsOf,
} from "../catalogue/project.ts";
import { readWords, type WordsRow, wordsOf } from "../catalogue/words.ts";
import type { LectureId, Rid } from "../contract/ids.ts";
import type { WordsChange } from "../contract/words.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { execute } from "./execute.ts";
import { select } from "./select.ts";
import { findStock } from "./stock.ts";

type Deps = Pick<OriginDeps, "database" | "catalogue" | "lectureWrites">;

/** The amendments between two versions, in the order in which they were applied. */
const SELECT_APPLIED = `
  SELECT rid FROM amendment
   WHERE lecture_id = ? AND applied_version > ? AND applied_version <= ? ORDER BY applied_version`;

/** Others may project the same lecture at the same time: each try begins where they have come. */
const TRIES = 10;

/**
 * Brings the catalogue's copy of a lecture to its stock row: the terms, and in their order the
 * words of the amendments in between. The copy goes from one version to a later one or not at all,
 * so two origins, or a crash, leave no half of it. Gives whether this call has changed the copy.
 */
export async function projectLecture(
  deps: Deps,
  id: LectureId,
  deadline: Deadline,
): Promise<boolean> {
  const run: RunWrite = (statement) => execute(deps.catalogue, statement, deadline);
  const writing = { run, writes: deps.lectureWrites };
  for (let tried = 0; tried < TRIES; tried += 1) {
    const stock = await findStock(deps.database, id, deadline);
    const values = versionsOf([id]);
    const [copy] = await select<VersionRow>(deps.catalogue, values, deadline);
    if (!stock || !copy || copy.version >= stock.terms.version) return false;
    const { terms } = stock;
    const words = await wordsBetween(deps, id, copy.version, terms.version, deadline);
    const isProjected = await projectAmended(
      writing,
      { id, version: copy.version },
      { terms, words },
    );
    crashPoint("origin.projected");
    if (isProjected) return true;
  }
  throw new Error(`lecture ${id} changes faster than its copy follows`);
}

/** What the amendments after one version and up to another write into the words. */
async function wordsBetween(
  { database, catalogue }: Deps,
  id: LectureId,
  after: number,
  last: number,
  deadline: Deadline,
): Promise<WordsChange> {
  const values = [id, String(after), String(last)];
  const applied = await select<RowDataPacket & { rid: Rid }>(
    database,
    { sql: SELECT_APPLIED, values },
    deadline,
  );
  if (applied.length === 0) return {};
  const rids = applied.map(({ rid }) => rid);
  const rows = await select<WordsRow>(catalogue, wordsOf(rids), deadline);
  const byRid = new Map(rows.map((row) => [row.rid, readWords(row)]));
  return Object.assign({}, ...rids.map((rid) => byRid.get(rid)));
}
