import { UNREAD } from "../catalogue/cache/writing-lecture.ts";
import { insertDraft } from "../catalogue/draft.ts";
import { ensureHost } from "../catalogue/hosts.ts";
import { nextLectureId } from "../catalogue/lecture-ids.ts";
import { projectTerms } from "../catalogue/project.ts";
import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import { type Database, openDatabase } from "../database/pool.ts";

/** A lecture to create. Booking is open in [opensAt, closesAt), exact to the millisecond. */
export interface NewLecture {
  /** the caller's choice; the next free one where left out */
  id?: LectureId;
  title: string;
  speaker: string;
  venue: string;
  startsAt: Date;
  endsAt: Date;
  opensAt: Date;
  closesAt: Date;
  /** seats, from 0 to 4,294,967,295 */
  capacity: number;
  bio?: string;
  category?: string;
  posterUrl?: string;
  /** Markdown */
  description?: string;
  /** the groups that may book; everybody by default */
  audience?: string[];
  /** by default the start */
  cancelUntil?: Date;
}

/** The two sides of a lecture. */
export interface LectureDatabases {
  /** the booking schema */
  database: Database;
  catalogue: Database;
}

/** Opens both sides from an environment of services. */
export function openLectureDatabases(
  environment: { BOOKING_MYSQL_URL: string; CATALOGUE_MYSQL_URL: string },
  connections: number,
): LectureDatabases & { close(): Promise<void> } {
  const open = (url: string) => openDatabase({ url, connections, acquireTimeoutMs: 5_000 });
  const database = open(environment.BOOKING_MYSQL_URL);
  const catalogue = open(environment.CATALOGUE_MYSQL_URL);
  const close = async () => {
    await Promise.all([database.close(), catalogue.close()]);
  };
  return { database, catalogue, close };
}

const HOST = { id: "campus", name: "校园 Campus" };

const INSERT_STOCK = `
  INSERT INTO stock
    (lecture_id, capacity, remaining, target, published,
     opens_at, closes_at, starts_at, ends_at, cancel_until, audience)
  VALUES (?, ?, ?, ?, TRUE, ?, ?, ?, ?, ?, ?)`;

/**
 * Creates a published lecture with all its seats left, without the queue: for a first start and for
 * tests. The catalogue shows it last: a visible lecture can be decided. A crash in between leaves a
 * draft that nobody sees. A worker loads the lecture into Redis within about a second.
 */
export async function insertLecture(
  { database, catalogue }: LectureDatabases,
  lecture: NewLecture,
): Promise<LectureId> {
  await ensureHost(catalogue, HOST);
  const id = lecture.id ?? (await nextLectureId(catalogue));
  const terms = termsOf(lecture);
  const creation = crypto.randomUUID().replaceAll("-", "");
  const draft = { id, words: wordsOf(lecture), terms, createdBy: "-", creation };
  await insertDraft(catalogue, UNREAD, draft);
  const { opensAt, closesAt, startsAt, endsAt, cancelUntil, capacity } = lecture;
  await database.withConnection((connection) =>
    connection.execute(INSERT_STOCK, [
      id,
      capacity,
      capacity,
      capacity,
      opensAt,
      closesAt,
      startsAt,
      endsAt,
      cancelUntil ?? null,
      JSON.stringify(terms.audience),
    ]),
  );
  await projectTerms(catalogue, UNREAD, id, terms);
  return id;
}

function wordsOf({ title, speaker, venue, ...rest }: NewLecture) {
  const { bio = "", category = "", posterUrl = null, description = "" } = rest;
  return { host: HOST.id, title, speaker, bio, category, venue, posterUrl, description };
}

function termsOf(lecture: NewLecture): Terms {
  const { opensAt, closesAt, startsAt, endsAt, cancelUntil, capacity, audience = [] } = lecture;
  return {
    version: 1,
    published: true,
    cancelled: false,
    opensAtMs: opensAt.getTime(),
    closesAtMs: closesAt.getTime(),
    startsAtMs: startsAt.getTime(),
    endsAtMs: endsAt.getTime(),
    cancelUntilMs: cancelUntil?.getTime() ?? null,
    capacity,
    audience,
  };
}
