import type { RowDataPacket } from "mysql2/promise";
import type { OpenLectures } from "../contract/reservation-page.ts";
import type { Database } from "../database/pool.ts";
import type { Deadline } from "./deadline.ts";
import { select } from "./select.ts";

/** Each lecture costs the edge one Redis command. */
const LECTURES_MAX = 1_000;

/**
 * Lectures in which a claim may be undecided. Booking has opened, by a clock that may be a minute
 * late, and ended less than a day ago, at the start at the latest: outages are shorter than that.
 */
const SELECT_OPEN = `
  SELECT lecture_id AS id FROM stock
   WHERE published AND opens_at < UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE
     AND closes_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY
     AND starts_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY
   ORDER BY closes_at LIMIT ${LECTURES_MAX + 1}`;

interface IdRow extends RowDataPacket {
  id: string | number;
}

/**
 * The lectures in which a claim may be undecided, at most 1,000. Rejects if MySQL cannot be read.
 */
export async function findOpenLectures(
  database: Database,
  deadline: Deadline,
): Promise<OpenLectures> {
  const rows = await select<IdRow>(database, { sql: SELECT_OPEN }, deadline);
  const lectureIds = rows.slice(0, LECTURES_MAX).map(({ id }) => String(id));
  return { lectureIds, complete: rows.length <= LECTURES_MAX };
}
