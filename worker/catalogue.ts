import type { RowDataPacket } from "mysql2/promise";
import type { LoadedClaim, LoadedLecture } from "../admission/load.ts";
import type { LectureId, Rid } from "../contract/ids.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import { senselessTerm } from "../database/lecture-terms.ts";
import type { Database } from "../database/pool.ts";

/**
 * Lectures whose window closed longer ago than this are no longer kept in Redis. What was published or changed last comes first, so a new
 * lecture is loaded before the others.
 */
const SELECT_ADMITTING = `
  SELECT id, opens_at AS opensAt, closes_at AS closesAt, capacity, cancelled
    FROM lecture WHERE published AND closes_at > UTC_TIMESTAMP(3) - INTERVAL 30 DAY
   ORDER BY updated_at DESC, id DESC`;

const SELECT_DECISIONS_AFTER = `
  SELECT rid, user_id AS userId, status, claimed_at AS claimedAt
    FROM reservation WHERE lecture_id = ? AND rid > ? ORDER BY rid LIMIT ?`;

const SELECT_SEATS_TAKEN = `
  SELECT lecture_id AS lectureId, CAST(capacity AS SIGNED) - CAST(remaining AS SIGNED) AS taken
    FROM stock WHERE lecture_id IN (?)`;

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

/** The lectures of which Redis is to know, or may hold claims already. */
export interface Catalogue {
  /** those that Redis should be ready to admit to, the newest first */
  lectures: LoadedLecture[];
  /** those whose terms make no sense, to which nobody is to be admitted */
  senseless: { lectureId: LectureId; why: string }[];
}

export async function readCatalogue(database: Database): Promise<Catalogue> {
  const [rows] = await database.withConnection((connection) =>
    connection.execute<LectureRow[]>({ sql: SELECT_ADMITTING, timeout: STATEMENT_TIMEOUT_MS }),
  );
  const catalogue: Catalogue = { lectures: [], senseless: [] };
  for (const row of rows) {
    const lectureId = String(row.id);
    const why = senselessTerm(row);
    if (why === undefined) catalogue.lectures.push(loadedLecture(lectureId, row));
    else catalogue.senseless.push({ lectureId, why });
  }
  return catalogue;
}

function loadedLecture(lectureId: LectureId, row: LectureRow): LoadedLecture {
  const { opensAt, closesAt, capacity, cancelled } = row;
  return {
    lectureId,
    opensAtMs: opensAt.getTime(),
    closesAtMs: closesAt.getTime(),
    capacity,
    cancelled: cancelled === 1,
  };
}

/** The lectures that Redis should be ready to admit to. */
export async function findAdmitting(database: Database): Promise<LoadedLecture[]> {
  return (await readCatalogue(database)).lectures;
}

/** The lectures that Redis may hold claims of, those with senseless terms among them: a claim ends in a decision all the same. */
export async function findClaimed(database: Database): Promise<LectureId[]> {
  const { lectures, senseless } = await readCatalogue(database);
  return [...lectures, ...senseless].map(({ lectureId }) => lectureId);
}

/** How many seats of these lectures are taken. */
export async function findSeatsTaken(
  database: Database,
  lectureIds: LectureId[],
): Promise<Map<LectureId, number>> {
  if (lectureIds.length === 0) return new Map();
  const values = [lectureIds];
  const [rows] = await database.withConnection((connection) =>
    connection.query<TakenRow[]>({
      sql: SELECT_SEATS_TAKEN,
      timeout: STATEMENT_TIMEOUT_MS,
      values,
    }),
  );
  return new Map(rows.map(({ lectureId, taken }) => [String(lectureId), Number(taken)]));
}

/** The decisions of a lecture whose rids come after this one, at most `limit`, in the order of their rids. */
export async function decidedClaims(
  database: Database,
  lectureId: LectureId,
  after: string,
  limit: number,
): Promise<LoadedClaim[]> {
  const values = [lectureId, after, limit];
  const [rows] = await database.withConnection((connection) =>
    connection.query<DecisionRow[]>({
      sql: SELECT_DECISIONS_AFTER,
      timeout: STATEMENT_TIMEOUT_MS,
      values,
    }),
  );
  return rows.map(claimOf);
}

/** A seat counts whatever its row says of the time; in Redis a time is a whole number, hence 0 for a date that is none. */
function claimOf({ rid, userId, status, claimedAt }: DecisionRow): LoadedClaim {
  return { rid, userId, state: status, claimedAtMs: Math.max(0, claimedAt.getTime() || 0) };
}
