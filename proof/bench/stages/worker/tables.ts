import { createPool, type RowDataPacket } from "mysql2/promise";
import type { LectureId } from "../../../../contract/ids.ts";

const DATABASE = "lectern_bench";

/** More than the students of any lecture in a round. */
const SEATS = 1_000_000;

/**
 * The worker's tables in a separate database, created again for every side of every round, so that
 * all meet empty tables.
 */
export async function openTables(mysqlUrl: string) {
  const original = new URL(mysqlUrl).pathname.slice(1);
  const url = Object.assign(new URL(mysqlUrl), { pathname: `/${DATABASE}` }).href;
  const pool = createPool(mysqlUrl);
  await pool.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4`);

  return {
    /** their address */
    url,

    /** Empties them. The lectures have seats for all. */
    async empty(lectures: readonly LectureId[]): Promise<void> {
      for (const table of ["reservation", "stock"])
        await pool.query(
          `CREATE OR REPLACE TABLE ${DATABASE}.${table} LIKE \`${original}\`.${table}`,
        );
      for (const lectureId of lectures)
        await pool.query(
          `INSERT INTO ${DATABASE}.stock (lecture_id, capacity, remaining) VALUES (?)`,
          [[lectureId, SEATS, SEATS]],
        );
    },

    /** Throws unless this many reservations are confirmed. */
    async expectDecided(count: number): Promise<void> {
      const [[row]] = await pool.query<RowDataPacket[]>(
        `SELECT COUNT(*) AS confirmed FROM ${DATABASE}.reservation WHERE status = 'confirmed'`,
      );
      if (row?.["confirmed"] !== count)
        throw new Error(`${row?.["confirmed"]} of ${count} reservations are confirmed`);
    },

    async close(): Promise<void> {
      await pool.query(`DROP DATABASE ${DATABASE}`);
      await pool.end();
    },
  };
}
