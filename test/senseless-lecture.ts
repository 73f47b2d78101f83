import { UNREAD } from "../catalogue/cache/writing-lecture.ts";
import { insertDraft } from "../catalogue/draft.ts";
import type { LectureId } from "../contract/ids.ts";
import type { Database } from "../database/pool.ts";
import type { LectureDatabases } from "../stack/insert-lecture.ts";
import { randomLectureId } from "./servers.ts";

const INSERT_STOCK = `
  INSERT INTO stock (lecture_id, capacity, remaining, target, published, audience,
                     starts_at, ends_at, opens_at, closes_at)
  VALUES (?, 5, 5, 5, TRUE, '[]', ?, '2050-01-03', ?, '2050-01-01')`;
const COPY = `
  UPDATE lecture SET version = 1, published = TRUE, starts_at = ?, opens_at = ? WHERE id = ?`;

const NO_DATE = "0000-00-00 00:00:00";

/**
 * Publishes a lecture with an invalid date while `work` runs, as a client in another SQL mode may.
 * The lecture has five seats. Apart from the date it may be listed and loaded.
 */
export async function withSenselessLecture(
  { database, catalogue }: LectureDatabases,
  which: "opens_at" | "starts_at",
  work: (lectureId: LectureId) => Promise<void>,
): Promise<void> {
  const lectureId = randomLectureId();
  const [startsAt, opensAt] =
    which === "opens_at" ? ["2050-01-02", NO_DATE] : [NO_DATE, "2026-01-01"];
  await insertDraft(catalogue, UNREAD, {
    id: lectureId,
    words: { ...WORDS, title: "Noise", speaker: "Nobody", venue: "Nowhere" },
    terms: TERMS,
    createdBy: "-",
    creation: crypto.randomUUID().replaceAll("-", ""),
  });
  await inAnySqlMode(database, INSERT_STOCK, [lectureId, startsAt, opensAt]);
  await inAnySqlMode(catalogue, COPY, [startsAt, opensAt, lectureId]);
  try {
    await work(lectureId);
  } finally {
    await database.withConnection((connection) =>
      connection.query("UPDATE stock SET published = FALSE WHERE lecture_id = ?", [lectureId]),
    );
    await catalogue.withConnection((connection) =>
      connection.query("UPDATE lecture SET published = FALSE WHERE id = ?", [lectureId]),
    );
  }
}

const WORDS = { host: "campus", bio: "", category: "", posterUrl: null, description: "" };
const TERMS = {
  opensAtMs: Date.parse("2026-01-01"),
  closesAtMs: Date.parse("2050-01-01"),
  startsAtMs: Date.parse("2050-01-02"),
  endsAtMs: Date.parse("2050-01-03"),
  cancelUntilMs: null,
  capacity: 5,
  audience: [],
};

async function inAnySqlMode(database: Database, sql: string, values: string[]): Promise<void> {
  await database.withConnection(async (connection) => {
    await connection.query("SET @before = @@SESSION.sql_mode, SESSION sql_mode = ''");
    await connection.query(sql, values);
    await connection.query("SET SESSION sql_mode = @before");
  });
}
