import type { LectureId } from "../contract/ids.ts";
import type { Database } from "../database/pool.ts";
import { randomLectureId } from "./servers.ts";

const INSERT = `
  INSERT INTO lecture (id, title, speaker, venue, starts_at, ends_at, opens_at, closes_at, capacity, published)
  VALUES (?, 'Noise', 'Nobody', 'Nowhere', ?, '2050-01-02', ?, '2050-01-01', 5, TRUE)`;

const NO_DATE = "0000-00-00 00:00:00";

/**
 * Publishes a lecture with an invalid date while `work` runs, as a client in another SQL mode may.
 * The lecture has five seats. Apart from the date it may be listed and loaded.
 */
export async function withSenselessLecture(
  database: Database,
  which: "opens_at" | "starts_at",
  work: (lectureId: LectureId) => Promise<void>,
): Promise<void> {
  const lectureId = randomLectureId();
  const [startsAt, opensAt] =
    which === "opens_at" ? ["2000-01-01", NO_DATE] : [NO_DATE, "2026-01-01"];
  await database.withConnection(async (connection) => {
    await connection.query("SET @before = @@SESSION.sql_mode, SESSION sql_mode = ''");
    await connection.query(INSERT, [lectureId, startsAt, opensAt]);
    await connection.query("INSERT INTO stock (lecture_id, capacity, remaining) VALUES (?, 5, 5)", [
      lectureId,
    ]);
    await connection.query("SET SESSION sql_mode = @before");
  });
  try {
    await work(lectureId);
  } finally {
    await database.withConnection((connection) =>
      connection.query("UPDATE lecture SET published = FALSE WHERE id = ?", [lectureId]),
    );
  }
}
