import type { PoolConnection, RowDataPacket } from "mysql2/promise";
import type { LectureId, Rid, UserId } from "../../contract/ids.ts";
import type { DecisionStatus } from "../../contract/reservation.ts";
import { type BookingWindow, bookingWindow } from "../../contract/terms.ts";
import type { Database } from "../../database/pool.ts";
import { NO_DEADLINE } from "../../origin/deadline.ts";
import { readLecture } from "../../origin/lectures.ts";
import type { DatabaseFacts, ReservationRow } from "./facts.ts";
import type { AuditSources } from "./sources.ts";

/** One snapshot for all reads of a lecture, so that rows and stock agree at any time. */
const SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

const SELECT_CATALOGUE = `
  SELECT title, opens_at AS opensAt, closes_at AS closesAt, starts_at AS startsAt, capacity, published, version
    FROM lecture WHERE id = ?`;

const SELECT_STOCK = `
  SELECT opens_at AS opensAt, closes_at AS closesAt, starts_at AS startsAt, capacity, target, remaining, version
    FROM stock WHERE lecture_id = ?`;

const SELECT_ROWS_AFTER = `
  SELECT rid, user_id AS userId, status, reason, claimed_at AS claimedAt, decided_at AS decidedAt
    FROM reservation WHERE lecture_id = ? AND rid > ? ORDER BY rid LIMIT ?`;

const SELECT_BOOKED = `
  SELECT lecture_id AS id FROM stock UNION SELECT lecture_id FROM reservation GROUP BY lecture_id`;
const SELECT_LECTURES = "SELECT id FROM lecture";

const SELECT_DECIDED = "SELECT rid FROM reservation WHERE lecture_id = ? AND rid IN (?)";

const ROWS_PER_PAGE = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

interface WindowRow extends RowDataPacket {
  opensAt: Date;
  closesAt: Date;
  startsAt: Date;
}

interface CatalogueRow extends WindowRow {
  title: string;
  capacity: number;
  published: number;
  version: number;
}

interface StockRow extends WindowRow {
  capacity: number;
  target: number;
  version: number;
  remaining: number;
}

interface DecisionRow extends RowDataPacket {
  rid: Rid;
  userId: UserId;
  status: DecisionStatus;
  reason: string | null;
  claimedAt: Date;
  decidedAt: Date;
}

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
    const rows: ReservationRow[] = [];
    for await (const page of pagesOf(connection, lectureId))
      for (const row of page) rows.push(rowOf(row));
    await connection.query("COMMIT");
    return {
      shown: answered,
      ...(catalogue && { catalogue: catalogueOf(catalogue) }),
      ...(stock && { stock: stockOf(stock) }),
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
    from.withConnection((connection) =>
      select<RowDataPacket & { id: string | number }>(connection, sql, []),
    );
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
  return await database.withConnection(async (connection) => {
    const rows = await select<RowDataPacket & { rid: Rid }>(connection, SELECT_DECIDED, [
      lectureId,
      rids,
    ]);
    return new Set(rows.map(({ rid }) => rid));
  });
}

async function* pagesOf(
  connection: PoolConnection,
  lectureId: LectureId,
): AsyncIterable<DecisionRow[]> {
  for (let after = ""; ; ) {
    const page = await select<DecisionRow>(connection, SELECT_ROWS_AFTER, [
      lectureId,
      after,
      ROWS_PER_PAGE,
    ]);
    yield page;
    const last = page.at(-1);
    if (!last || page.length < ROWS_PER_PAGE) return;
    after = last.rid;
  }
}

async function select<Row extends RowDataPacket>(
  connection: PoolConnection,
  sql: string,
  values: unknown[],
) {
  const [rows] = await connection.query<Row[]>({ sql, timeout: STATEMENT_TIMEOUT_MS, values });
  return rows;
}

function catalogueOf(row: CatalogueRow): NonNullable<DatabaseFacts["catalogue"]> {
  const { title, capacity, published, version } = row;
  return { title, ...windowOf(row), capacity, published: published === 1, version };
}

function stockOf(row: StockRow): NonNullable<DatabaseFacts["stock"]> {
  const { capacity, target, remaining, version } = row;
  return { ...windowOf(row), capacity, target, remaining, version };
}

function windowOf({ opensAt, closesAt, startsAt }: WindowRow): BookingWindow {
  return bookingWindow({
    opensAtMs: opensAt.getTime(),
    closesAtMs: closesAt.getTime(),
    startsAtMs: startsAt.getTime(),
  });
}

function rowOf({ rid, userId, status, reason, claimedAt, decidedAt }: DecisionRow): ReservationRow {
  return {
    rid,
    userId,
    status,
    reason,
    claimedAtMs: claimedAt.getTime(),
    decidedAtMs: decidedAt.getTime(),
  };
}
