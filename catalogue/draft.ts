import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import type { Words } from "../contract/words.ts";
import type { Database } from "../database/pool.ts";
import { type LectureWrites, writingLecture } from "./cache/writing-lecture.ts";
import type { Statement } from "./lists.ts";
import { htmlOf } from "./markdown.ts";

/** A lecture whose making is not decided yet. */
export interface Draft {
  id: LectureId;
  words: Words;
  /** the terms asked for; its stock row gets them */
  terms: Omit<Terms, "version" | "published" | "cancelled">;
  createdBy: string;
  /** 32 characters that are the same for two tries to make one lecture */
  creation: string;
}

const INSERT = `
  INSERT INTO lecture
    (id, host_id, title, speaker, bio, category, venue, poster_url, description, description_html,
     opens_at, closes_at, starts_at, ends_at, cancel_until, capacity, audience,
     created_by, created_at, updated_at, creation)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
          UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), ?)`;

/**
 * Writes a lecture that nobody sees: version 0, unpublished. Rejects with ER_DUP_ENTRY where its id
 * or its creation is there.
 */
export async function insertDraft(
  catalogue: Database,
  writes: LectureWrites,
  { id, words, terms, createdBy, creation }: Draft,
): Promise<void> {
  const { host, title, speaker, bio, category, venue, posterUrl, description } = words;
  const written = [host, title, speaker, bio, category, venue, posterUrl, description];
  const at = (ms: number) => new Date(ms);
  const times = [terms.opensAtMs, terms.closesAtMs, terms.startsAtMs, terms.endsAtMs].map(at);
  const cancelUntil = terms.cancelUntilMs === null ? null : at(terms.cancelUntilMs);
  const wanted = [...times, cancelUntil, terms.capacity, JSON.stringify(terms.audience)];
  const values = [id, ...written, htmlOf(description), ...wanted, createdBy, creation];
  await writingLecture(writes, { id, version: 0 }, () =>
    catalogue.withConnection((connection) => connection.execute(INSERT, values)),
  );
}

/** The lecture that a try to make one has led to, as `id`. */
export function lectureOfCreation(creation: string): Statement {
  return { sql: "SELECT id FROM lecture WHERE creation = ?", values: [creation] };
}
