import type { PoolConnection } from "mysql2/promise";
import { type AdmissionTerms, admissionTerms } from "../admission/terms.ts";
import type { LectureId } from "../contract/ids.ts";
import { senselessTerm, type Terms } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import { TERMS_COLUMNS, type TermsRow, termsOf } from "../database/terms-row.ts";
import type { LectureStock } from "./amend-rules.ts";

const COLUMNS = `
  SELECT lecture_id AS lectureId, capacity AS seats, remaining, target AS capacity, ${TERMS_COLUMNS}
    FROM stock`;

const SELECT_ONE = `${COLUMNS} WHERE lecture_id = ?`;
const LOCK_ONE = `${SELECT_ONE} FOR UPDATE`;

/** Redis keeps a lecture until 30 days after its window closed. */
const SELECT_CLAIMED = `${COLUMNS} WHERE closes_at > UTC_TIMESTAMP(3) - INTERVAL 30 DAY`;

const STATEMENT_TIMEOUT_MS = 15_000;

interface StockRow extends TermsRow {
  lectureId: string | number;
  /** the seats that count; `capacity` is the target */
  seats: number;
  remaining: number;
}

/** Locks a lecture's stock row until the transaction ends; undefined where there is none. */
export async function lockLecture(
  connection: PoolConnection,
  lectureId: LectureId,
): Promise<LectureStock | undefined> {
  const [[row]] = await connection.query<StockRow[]>({
    sql: LOCK_ONE,
    timeout: STATEMENT_TIMEOUT_MS,
    values: [lectureId],
  });
  return row && stockOf(row);
}

/** The terms that Redis should have; undefined without a lecture, or where they make no sense. */
export async function findAdmissionTerms(
  database: Database,
  lectureId: LectureId,
): Promise<AdmissionTerms | undefined> {
  const [[row]] = await database.withConnection((connection) =>
    connection.query<StockRow[]>({
      sql: SELECT_ONE,
      timeout: STATEMENT_TIMEOUT_MS,
      values: [lectureId],
    }),
  );
  const terms = row && termsOf(row);
  return terms && isSensible(terms) ? admissionTerms(terms) : undefined;
}

function isSensible(terms: Terms): boolean {
  return senselessTerm(terms) === undefined;
}

/** A lecture that Redis may hold claims of; no stock where its terms make no sense. */
export interface ClaimedLecture {
  lectureId: LectureId;
  stock: LectureStock | undefined;
}

/** All lectures that Redis may hold claims of, drafts and unpublished ones too. */
export async function readClaimedLectures(database: Database): Promise<ClaimedLecture[]> {
  const [rows] = await database.withConnection((connection) =>
    connection.query<StockRow[]>({ sql: SELECT_CLAIMED, timeout: STATEMENT_TIMEOUT_MS }),
  );
  return rows.map((row) => {
    const stock = stockOf(row);
    return {
      lectureId: String(row.lectureId),
      stock: isSensible(stock.terms) ? stock : undefined,
    };
  });
}

function stockOf(row: StockRow): LectureStock {
  return { terms: termsOf(row), capacity: row.seats, remaining: row.remaining };
}
