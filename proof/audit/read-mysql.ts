import type { PoolConnection, RowDataPacket } from "mysql2/promise";
import type { LectureId, Rid } from "../../contract/ids.ts";
import { bookingWindow, type Terms } from "../../contract/terms.ts";
import type { Database } from "../../database/pool.ts";
import { TERMS_COLUMNS, type TermsRow, termsOf } from "../../database/terms-row.ts";
import { NO_DEADLINE } from "../../origin/deadline.ts";
import { readLecture } from "../../origin/lectures.ts";
import type { AmendmentFact, DatabaseFacts, ReservationRow } from "./facts.ts";
import type { AuditSources } from "./sources.ts";

/** One snapshot for all reads of a lecture, so that rows and stock agree at any time. */
const SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

const SELECT_CATALOGUE = `
  SELECT title, capacity, ${TERMS_COLUMNS}
    FROM lecture WHERE id = ?`;

const SELECT_STOCK = `
  SELECT capacity AS seats, remaining, target AS capacity, ${TERMS_COLUMNS}
    FROM stock WHERE lecture_id = ?`;

const SELECT_AMENDMENTS = `
  SELECT rid, outcome, reason, version, before_terms AS beforeTerms, after_terms AS afterTerms
    FROM amendment WHERE lecture_id = ?`;

const SELECT_ROWS_AFTER = `
  SELECT rid, user_id AS userId, status, reason, claimed_at AS claimedAt, decided_at AS decidedAt
    FROM reservation WHERE lecture_id = ? AND rid > ? ORDER BY rid LIMIT ?`;

const SELECT_BOOKED = `
  SELECT lecture_id AS id FROM stock UNION SELECT lecture_id FROM reservation GROUP BY lecture_id`;
const SELECT_LECTURES = "SELECT id FROM lecture";

const SELECT_DECIDED = "SELECT rid FROM reservation WHERE lecture_id = ? AND rid IN (?)";

const ROWS_PER_PAGE = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

interface CatalogueRow extends TermsRow {
  title: string;
}

interface StockRow extends TermsRow {
  /** the seats that count; `capacity` is the target */
  seats: number;
  remaining: number;
}

type AmendmentRow = Omit<AmendmentFact, "before" | "after"> & {
  beforeTerms: string | null;
  afterTerms: string | null;
};

type DecisionRow = Omit<ReservationRow, "claimedAtMs" | "decidedAtMs"> & {
  claimedAt: Date;
  decidedAt: Date;
};

/**
 * Reads MySQL's facts about a lecture: what the catalogue tells of it, then its stock and every row
 * in one snapshot. The rows come in pages by their key.
 */
export async function readDatabase(
  { database, catalogue: shown }: Pick<AuditSources, "database" | "catalogue">,
  lectureId: LectureId,
): Promise<DatabaseFacts> {
  const reading = { catalogue: shown, tellLeftOut: () => {} };
  const answered = await readLecture(reading, lectureId, NO_DEADLINE);
  const [catalogue] = await shown.withConnection((connection) =>
    select<CatalogueRow>(connection, SELECT_CATALOGUE, [lectureId]),
  );
  return await database.withConnection(async (connection) => {
    await connection.query(SNAPSHOT);
    const [stock] = await select<StockRow>(connection, SELECT_STOCK, [lectureId]);
    const amendments = await select<AmendmentRow>(connection, SELECT_AMENDMENTS, [lectureId]);
    const rows = (await Array.fromAsync(pagesOf(connection, lectureId))).flat().map(rowOf);
    await connection.query("COMMIT");
    return {
      shown: answered,
      ...(catalogue && { catalogue: catalogueOf(catalogue) }),
      ...(stock && { stock: stockOf(stock) }),
      amendments: amendments.map(amendmentOf),
      rows,
    };
  });
}

/** The lectures that any table knows. */
export async function readLectureIds({
  database,
  catalogue,
}: Pick<AuditSources, "database" | "catalogue">): Promise<LectureId[]> {
  const read = (from: Database, sql: string) =>
    from.withConnection((connection) => select<{ id: string | number }>(connection, sql, []));
  const rows = [
    ...(await read(catalogue, SELECT_LECTURES)),
    ...(await read(database, SELECT_BOOKED)),
  ];
  return [...new Set(rows.map(({ id }) => String(id)))];
}

/** Returns the decided ones among these rids of a lecture. */
export async function readDecided(
  database: Database,
  lectureId: LectureId,
  rids: Rid[],
): Promise<Set<Rid>> {
  if (rids.length === 0) return new Set();
  const rows = await database.withConnection((connection) =>
    select<{ rid: Rid }>(connection, SELECT_DECIDED, [lectureId, rids]),
  );
  return new Set(rows.map(({ rid }) => rid));
}

async function* pagesOf(
  connection: PoolConnection,
  lectureId: LectureId,
): AsyncIterable<DecisionRow[]> {
  for (let after = ""; ; ) {
    const values = [lectureId, after, ROWS_PER_PAGE];
    const page = await select<DecisionRow>(connection, SELECT_ROWS_AFTER, values);
    yield page;
    const last = page.at(-1);
    if (!last || page.length < ROWS_PER_PAGE) return;
    after = last.rid;
  }
}

async function select<Row>(connection: PoolConnection, sql: string, values: unknown[]) {
  const [rows] = await connection.query<(Row & RowDataPacket)[]>({
    sql,
    timeout: STATEMENT_TIMEOUT_MS,
    values,
  });
  return rows;
}

function catalogueOf(row: CatalogueRow): NonNullable<DatabaseFacts["catalogue"]> {
  const { title, capacity, published, version } = row;
  const terms = termsOf(row);
  return { title, ...bookingWindow(terms), capacity, published: published === 1, version, terms };
}

function stockOf(row: StockRow): NonNullable<DatabaseFacts["stock"]> {
  const { seats, remaining, capacity, version } = row;
  const terms = termsOf(row);
  const window = bookingWindow(terms);
  return { ...window, capacity: seats, target: capacity, remaining, version, terms };
}

function amendmentOf({ beforeTerms, afterTerms, ...row }: AmendmentRow): AmendmentFact {
  const read = (text: string | null) => (text === null ? null : (JSON.parse(text) as Terms));
  return { ...row, before: read(beforeTerms), after: read(afterTerms) };
}

function rowOf({ claimedAt, decidedAt, ...row }: DecisionRow): ReservationRow {
  return { ...row, claimedAtMs: claimedAt.getTime(), decidedAtMs: decidedAt.getTime() };
}
