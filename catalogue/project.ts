import type { RowDataPacket } from "mysql2/promise";
import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import type { WordsChange } from "../contract/words.ts";
import type { Database } from "../database/pool.ts";
import { type LectureWrites, writingLecture } from "./cache/writing-lecture.ts";
import type { Statement } from "./lists.ts";
import { htmlOf } from "./markdown.ts";

const TERMS = [
  "version",
  "published",
  "cancelled",
  "opens_at",
  "closes_at",
  "starts_at",
  "ends_at",
  "cancel_until",
  "capacity",
  "audience",
];

/** The only texts that come from a name in a request into SQL. */
const COLUMN_OF = {
  host: "host_id",
  title: "title",
  speaker: "speaker",
  bio: "bio",
  category: "category",
  venue: "venue",
  posterUrl: "poster_url",
  description: "description",
} as const satisfies Record<keyof WordsChange, string>;

/** Runs a statement that writes, and gives the number of rows changed. */
export type RunWrite = (statement: WritingStatement) => Promise<{ affectedRows: number }>;

export interface WritingStatement {
  sql: string;
  values: unknown[];
}

/**
 * Copies the terms of a lecture's stock row into the catalogue. Older terms never replace newer
 * ones, in any order of copies.
 */
export async function projectTerms(
  catalogue: Database,
  writes: LectureWrites,
  id: LectureId,
  terms: Terms,
): Promise<void> {
  const sql = `${updateOf(TERMS)} WHERE id = ? AND version < ?`;
  const values = [...valuesOf(terms), id, terms.version];
  await writingLecture(writes, { id, version: terms.version }, () =>
    catalogue.withConnection((connection) => connection.execute(sql, values as string[])),
  );
}

/**
 * Takes a lecture's copy from one version to a later one: its terms, and the words that all the
 * amendments in between write. Gives false and changes nothing where the copy has gone on
 * meanwhile.
 */
export async function projectAmended(
  { run, writes }: { run: RunWrite; writes: LectureWrites },
  { id, version }: { id: LectureId; version: number },
  { terms, words }: { terms: Terms; words: WordsChange },
): Promise<boolean> {
  const columns = [...TERMS];
  const values = valuesOf(terms);
  for (const [name, value] of Object.entries(words)) {
    columns.push(COLUMN_OF[name as keyof WordsChange]);
    values.push(value);
  }
  if (words.description !== undefined) {
    columns.push("description_html");
    values.push(htmlOf(words.description));
  }
  const sql = `${updateOf(columns)} WHERE id = ? AND version = ?`;
  const { affectedRows } = await writingLecture(
    writes,
    { id, version: (written) => (written.affectedRows === 1 ? terms.version : version + 1) },
    () => run({ sql, values: [...values, id, version] }),
  );
  return affectedRows === 1;
}

export interface VersionRow extends RowDataPacket {
  id: string | number;
  version: number;
}

/** The versions of some lectures' copies, at least one. */
export function versionsOf(ids: LectureId[]): Statement {
  const marks = ids.map(() => "?").join(", ");
  return { sql: `SELECT id, version FROM lecture WHERE id IN (${marks})`, values: ids };
}

function updateOf(columns: string[]): string {
  const set = columns.map((column) => `${column} = ?`).join(", ");
  return `UPDATE lecture SET ${set}, updated_at = UTC_TIMESTAMP(3)`;
}

/** In the order of TERMS. */
function valuesOf(terms: Terms): unknown[] {
  const { version, published, cancelled, cancelUntilMs, capacity, audience } = terms;
  const { opensAtMs, closesAtMs, startsAtMs, endsAtMs } = terms;
  const times = [opensAtMs, closesAtMs, startsAtMs, endsAtMs].map((ms) => new Date(ms));
  const cancelUntil = cancelUntilMs === null ? null : new Date(cancelUntilMs);
  return [version, published, cancelled, ...times, cancelUntil, capacity, JSON.stringify(audience)];
}
