import type { RowDataPacket } from "mysql2/promise";
import type { LoadedClaim, LoadedLecture } from "../admission/load.ts";
import { admissionTerms } from "../admission/terms.ts";
import type { LectureId, Rid } from "../contract/ids.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import { senselessTerm, type Terms } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import { TERMS_COLUMNS, type TermsRow, termsOf } from "../database/terms-row.ts";

/**
 * Redis keeps a lecture until 30 days after its window closed, published or not: an unpublished
 * lecture has no window there, and may have claims. The last amended lecture comes first: a new
 * lecture is loaded before the others. Redis has the seats that are
 * wanted: while the number sinks, claims above it find the lecture sold out.
 */
const SELECT_ADMITTING = `
  SELECT lecture_id AS lectureId, target AS capacity, ${TERMS_COLUMNS}
    FROM stock WHERE closes_at > UTC_TIMESTAMP(3) - INTERVAL 30 DAY
   ORDER BY amended_at DESC, lecture_id DESC`;

const SELECT_DECISIONS_AFTER = `
  SELECT rid, user_id AS userId, status, claimed_at AS claimedAt
    FROM reservation WHERE lecture_id = ? AND rid > ? ORDER BY rid LIMIT ?`;

const SELECT_SEATS_TAKEN = `
  SELECT lecture_id AS lectureId, CAST(capacity AS SIGNED) - CAST(remaining AS SIGNED) AS taken
    FROM stock WHERE lecture_id IN (?)`;

const STATEMENT_TIMEOUT_MS = 15_000;

interface LectureRow extends TermsRow {
  lectureId: string | number;
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

/** The lectures that Redis admits to, or may hold claims of. */
export interface BookingTerms {
  /** lectures that Redis should be ready to admit to, latest change first */
  lectures: LoadedLecture[];
  /** lectures whose terms make no sense; they admit nobody */
  senseless: { lectureId: LectureId; why: string }[];
}

/** Reads the terms of the lectures that Redis should know. */
export async function readBookingTerms(database: Database): Promise<BookingTerms> {
  const [rows] = await database.withConnection((connection) =>
    connection.execute<LectureRow[]>({ sql: SELECT_ADMITTING, timeout: STATEMENT_TIMEOUT_MS }),
  );
  const found: BookingTerms = { lectures: [], senseless: [] };
  for (const row of rows) {
    const lectureId = String(row.lectureId);
    const terms = termsOf(row);
    const why = senselessTerm(terms);
    if (why === undefined) found.lectures.push(loadedLecture(lectureId, terms));
    else found.senseless.push({ lectureId, why });
  }
  return found;
}

function loadedLecture(lectureId: LectureId, terms: Terms): LoadedLecture {
  return { lectureId, ...admissionTerms(terms) };
}

/**
 * The lectures that Redis may hold claims of. Lectures with senseless terms are among them: their
 * claims end in a decision too.
 */
export async function findClaimed(database: Database): Promise<LectureId[]> {
  const { lectures, senseless } = await readBookingTerms(database);
  return [...lectures, ...senseless].map(({ lectureId }) => lectureId);
}

/** The seats taken of each lecture. A lecture without a stock row is absent. */
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

/** The next decisions of a lecture, by rid: at most `limit` of them, with rids above `after`. */
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

/** A seat counts whatever its row's time. An invalid date becomes 0: Redis needs a whole number. */
function claimOf({ rid, userId, status, claimedAt }: DecisionRow): LoadedClaim {
  return { rid, userId, state: status, claimedAtMs: Math.max(0, claimedAt.getTime() || 0) };
}
