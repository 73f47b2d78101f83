import type { ResultSetHeader } from "mysql2/promise";
import type { LectureId } from "../contract/ids.ts";
import type { LectureTerms } from "./lecture-terms.ts";
import type { Database } from "./pool.ts";

/** The facts of a lecture. The booking window is [opensAt, closesAt), exact to the millisecond. */
export interface LectureFacts extends LectureTerms {
  title: string;
  speaker: string;
  venue: string;
  startsAt: Date;
  endsAt: Date;
}

/** A lecture to create, with 0 to 4,294,967,295 seats. */
export interface NewLecture extends LectureFacts {
  /** the caller's choice; without an id the database chooses */
  id?: LectureId;
}

const INSERT_DRAFT = `
  INSERT INTO lecture (id, title, speaker, venue, starts_at, ends_at, opens_at, closes_at, capacity)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_STOCK = "INSERT INTO stock (lecture_id, capacity, remaining) VALUES (?, ?, ?)";
const PUBLISH = "UPDATE lecture SET published = TRUE WHERE id = ?";

/**
 * Creates a lecture with all its seats left, and publishes it last: a visible lecture can be
 * decided. A crash in between leaves a draft that nobody sees. A worker loads the lecture into
 * Redis within about a second.
 */
export async function insertLecture(database: Database, lecture: NewLecture): Promise<LectureId> {
  return await database.withConnection(async (connection) => {
    const [inserted] = await connection.execute<ResultSetHeader>(INSERT_DRAFT, [
      lecture.id ?? null,
      lecture.title,
      lecture.speaker,
      lecture.venue,
      lecture.startsAt,
      lecture.endsAt,
      lecture.opensAt,
      lecture.closesAt,
      lecture.capacity,
    ]);
    const id = lecture.id ?? String(inserted.insertId);
    await connection.execute(INSERT_STOCK, [id, lecture.capacity, lecture.capacity]);
    await connection.execute(PUBLISH, [id]);
    return id;
  });
}
