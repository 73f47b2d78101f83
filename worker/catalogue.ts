import type { RowDataPacket } from "mysql2/promise";
import type { LoadedClaim, LoadedLecture } from "../admission/load.ts";
import type { LectureId, Rid } from "../contract/ids.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import type { Database } from "../database/pool.ts";

/** Lectures whose window closed longer ago than this are no longer kept in Redis. */
const SELECT_ADMITTING = `
  SELECT id, opens_at AS opensAt, closes_at AS closesAt, capacity, cancelled
    FROM lecture WHERE published AND closes_at > UTC_TIMESTAMP(3) - INTERVAL 30 DAY`;

const SELECT_DECISIONS_AFTER = `
  SELECT rid, user_id AS userId, status, claimed_at AS claimedAt
    FROM reservation WHERE lecture_id = ? AND rid > ? ORDER BY rid LIMIT ?`;

const SELECT_SEATS_TAKEN = `
  SELECT lecture_id AS lectureId, CAST(capacity AS SIGNED) - CAST(remaining AS SIGNED) AS taken
    FROM stock WHERE lecture_id IN (?)`;

const DECISIONS_PER_PAGE = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;

interface LectureRow extends RowDataPacket {
  id: string | number;
  opensAt: Date;
  closesAt: Date;
  capacity: number;
  cancelled: number;
}

interface TakenRow extends RowDataPacket {
  lectureId: string | number;
  taken: string | number;
}

interface DecisionRow extends RowDataPacket {
  rid: Rid;
  userId: string;
  status: DecisionStatus;
  claimedAt: Date;
}

/** The lectures that Redis should be ready to admit to. */
export async function findAdmitting(database: Database): Promise<LoadedLecture[]> {
  const [rows] = await database.withConnection((connection) =>
    connection.execute<LectureRow[]>({ sql: SELECT_ADMITTING, timeout: STATEMENT_TIMEOUT_MS }),
  );
  return rows.map(({ id, opensAt, closesAt, capacity, cancelled }) => ({
    lectureId: String(id),
    opensAtMs: opensAt.getTime(),
    closesAtMs: closesAt.getTime(),
    capacity,
    cancelled: cancelled === 1,
  }));
}

/** How many seats of these lectures are taken. */
export async function findSeatsTaken(
  database: Database,
  lectureIds: LectureId[],
): Promise<Map<LectureId, number>> {
  if (lectureIds.length === 0) return new Map();
  const values = [lectureIds];
  const [rows] = await database.withConnection((connection) =>
    connection.query<TakenRow[]>({ sql: SELECT_SEATS_TAKEN, timeout: STATEMENT_TIMEOUT_MS, values }),
  );
  return new Map(rows.map(({ lectureId, taken }) => [String(lectureId), Number(taken)]));
}

/** All decisions of a lecture, page by page in the order of their rids. */
export async function* decidedClaims(database: Database, lectureId: LectureId): AsyncIterable<LoadedClaim[]> {
  for (let after = ""; ; ) {
    const values = [lectureId, after, DECISIONS_PER_PAGE];
    const [rows] = await database.withConnection((connection) =>
      connection.query<DecisionRow[]>({ sql: SELECT_DECISIONS_AFTER, timeout: STATEMENT_TIMEOUT_MS, values }),
    );
    if (rows.length > 0) yield rows.map(claimOf);
    const last = rows.at(-1);
    if (!last || rows.length < DECISIONS_PER_PAGE) return;
    after = last.rid;
  }
}

function claimOf({ rid, userId, status, claimedAt }: DecisionRow): LoadedClaim {
  return { rid, userId, state: status, claimedAtMs: claimedAt.getTime() };
}
