import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import { type LectureWrites, writingLecture } from "./cache/writing-lecture.ts";
import { htmlOf } from "./markdown.ts";

/** The words of a lecture, as its organisers write them. */
export interface Words {
  hostId: string;
  title: string;
  speaker: string;
  bio: string;
  category: string;
  venue: string;
  posterUrl: string | null;
  /** Markdown */
  description: string;
}

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
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), ?)`;

/**
 * Writes a lecture that nobody sees: version 0, unpublished. Rejects with ER_DUP_ENTRY where its id
 * or its creation is there.
 */
export async function insertDraft(
  catalogue: Database,
  writes: LectureWrites,
  { id, words, terms, createdBy, creation }: Draft,
): Promise<void> {
  const { hostId, title, speaker, bio, category, venue, posterUrl, description } = words;
  const written = [hostId, title, speaker, bio, category, venue, posterUrl, description];
  const at = (ms: number) => new Date(ms);
  const times = [terms.opensAtMs, terms.closesAtMs, terms.startsAtMs, terms.endsAtMs].map(at);
  const cancelUntil = terms.cancelUntilMs === null ? null : at(terms.cancelUntilMs);
  const wanted = [...times, cancelUntil, terms.capacity, JSON.stringify(terms.audience)];
  const values = [id, ...written, htmlOf(description), ...wanted, createdBy, creation];
  await writingLecture(writes, { id, version: 0 }, () =>
    catalogue.withConnection((connection) => connection.execute(INSERT, values)),
  );
}
