import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import { TERMS_COLUMNS, type TermsRow, termsOf } from "../database/terms-row.ts";
import type { Deadline } from "./deadline.ts";
import { select } from "./select.ts";

const SELECT_STOCK = `
  SELECT target AS capacity, capacity AS seats, remaining, ${TERMS_COLUMNS}
    FROM stock WHERE lecture_id = ?`;

interface StockRow extends TermsRow {
  seats: number;
  remaining: number;
}

/** The stock row of a lecture: its terms, of which `capacity` is the target, and its seats. */
export interface Stock {
  terms: Terms;
  /** the seats that count; more than the target while the number sinks */
  seats: number;
  remaining: number;
}

/** Undefined where there is none: the lecture's making is not decided. */
export async function findStock(
  database: Database,
  id: LectureId,
  deadline: Deadline,
): Promise<Stock | undefined> {
  const [row] = await select<StockRow>(database, { sql: SELECT_STOCK, values: [id] }, deadline);
  return row && { terms: termsOf(row), seats: row.seats, remaining: row.remaining };
}
