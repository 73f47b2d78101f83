import type { RowDataPacket } from "mysql2/promise";
import type { LectureId } from "../contract/ids.ts";
import type { Lecture } from "../contract/lecture.ts";
import { senselessTerm } from "../database/lecture-terms.ts";
import type { LectureFacts } from "../database/lectures.ts";
import type { Database } from "../database/pool.ts";
import type { TellLeftOut } from "../runtime/telemetry/left-out.ts";
import type { Deadline } from "./deadline.ts";
import { select } from "./select.ts";

const COLUMNS = `
  SELECT id, title, speaker, venue, starts_at AS startsAt, ends_at AS endsAt,
         opens_at AS opensAt, closes_at AS closesAt, capacity, cancelled
    FROM lecture`;

/** Coming lectures, and lectures that ended less than a day ago, soonest first. */
const SELECT_CURRENT = `${COLUMNS}
   WHERE published AND ends_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY
   ORDER BY starts_at, id LIMIT 500`;
const SELECT_ONE = `${COLUMNS} WHERE id = ? AND published`;

interface LectureRow extends RowDataPacket, LectureFacts {
  id: string | number;
  cancelled: number;
}

export interface LectureReading {
  database: Database;
  /** called with every lecture that makes no sense; such a lecture reads as missing */
  tellLeftOut: TellLeftOut;
}

/** The published lectures that are to come or ended less than a day ago, at most 500. */
export async function listLectures(
  reading: LectureReading,
  deadline: Deadline,
): Promise<Lecture[]> {
  const rows = await select<LectureRow>(reading.database, { sql: SELECT_CURRENT }, deadline);
  return rows.flatMap((row) => sensible(row, reading));
}

/** One published lecture, however old. */
export async function findLecture(
  reading: LectureReading,
  id: LectureId,
  deadline: Deadline,
): Promise<Lecture | undefined> {
  const rows = await select<LectureRow>(
    reading.database,
    { sql: SELECT_ONE, values: [id] },
    deadline,
  );
  return rows.flatMap((row) => sensible(row, reading))[0];
}

/** A row that makes no sense must not keep the others from being read. */
function sensible(row: LectureRow, { tellLeftOut }: LectureReading): Lecture[] {
  const isDate = (date: Date) => !Number.isNaN(date.getTime());
  const why =
    senselessTerm(row) ??
    (isDate(row.startsAt) && isDate(row.endsAt) ? undefined : "starts_at or ends_at is no date");
  if (why === undefined) return [lectureOf(row)];
  tellLeftOut(String(row.id), why);
  return [];
}

function lectureOf(row: LectureRow): Lecture {
  return {
    id: String(row.id),
    title: row.title,
    speaker: row.speaker,
    venue: row.venue,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    opensAt: row.opensAt.toISOString(),
    closesAt: row.closesAt.toISOString(),
    capacity: row.capacity,
    cancelled: row.cancelled === 1,
  };
}
