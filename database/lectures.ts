import type { ResultSetHeader } from "mysql2/promise";
import type { LectureId } from "../contract/ids.ts";
import type { Database } from "./pool.ts";

/** A lecture to be created. The booking window is [opensAt, closesAt); times are exact to the millisecond. */
export interface NewLecture {
  /** where the caller chooses it; else the database does */
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
}

const INSERT_DRAFT = `
  INSERT INTO lecture (id, title, speaker, venue, starts_at, ends_at, opens_at, closes_at, capacity)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_STOCK = "INSERT INTO stock (lecture_id, capacity, remaining) VALUES (?, ?, ?)";
const PUBLISH = "UPDATE lecture SET published = TRUE WHERE id = ?";

/**
 * Creates and publishes a lecture with all its seats left. It is published last, so a lecture that can be seen can be decided; a crash
 * in between leaves a draft that nobody sees. A worker loads it into Redis within about a second.
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
