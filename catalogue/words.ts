import type { RowDataPacket } from "mysql2/promise";
import { lectureOf, type Rid, type UserId } from "../contract/ids.ts";
import { WordsChange } from "../contract/words.ts";
import type { Statement } from "./lists.ts";

/** The words of a rid are written once: a repeated request changes nothing. */
const KEEP = `
  INSERT INTO words (lecture_id, rid, words, by_user, created_at)
  VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE rid = VALUES(rid)`;

export interface WordsRow extends RowDataPacket {
  rid: Rid;
  words: string;
}

/** Keeps what an amendment writes into the words, under its rid. */
export function keepWords(rid: Rid, words: WordsChange, by: UserId): Statement {
  return { sql: KEEP, values: [lectureOf(rid), rid, JSON.stringify(words), by] };
}

/** The words of some amendments of one lecture, at least one. */
export function wordsOf(rids: Rid[]): Statement {
  const marks = rids.map(() => "?").join(", ");
  const sql = `SELECT rid, words FROM words WHERE lecture_id = ? AND rid IN (${marks})`;
  return { sql, values: [lectureOf(rids[0] ?? ""), ...rids] };
}

export function readWords({ words }: WordsRow): WordsChange {
  return WordsChange.parse(JSON.parse(words));
}
