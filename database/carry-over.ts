import type { PoolConnection, RowDataPacket } from "mysql2/promise";
import type { Database } from "./pool.ts";

/** The host of every lecture that is older than hosts. */
const HOST_ID = "campus";

/** Lectures in one statement. */
const PAGE_ROWS = 500;

const FIND_TABLE = `
  SELECT 1 FROM information_schema.tables
   WHERE table_schema = DATABASE() AND table_name = 'lecture_0_2'`;

/** Times as text: 0.2 may hold a date that is none, and it is carried over as it is. */
const SELECT_PAGE = `
  SELECT was.id, was.title, was.speaker, was.venue,
         stock.version, stock.published, stock.cancelled, stock.target AS capacity, stock.audience,
         CAST(stock.opens_at AS CHAR) AS opensAt, CAST(stock.closes_at AS CHAR) AS closesAt,
         CAST(stock.starts_at AS CHAR) AS startsAt, CAST(stock.ends_at AS CHAR) AS endsAt,
         CAST(stock.cancel_until AS CHAR) AS cancelUntil, CAST(was.updated_at AS CHAR) AS updatedAt
    FROM lecture_0_2 AS was JOIN stock ON stock.lecture_id = was.id
   WHERE was.id > ? ORDER BY was.id LIMIT ${PAGE_ROWS}`;

const INSERT_HOST = `
  INSERT INTO host (id, name, created_at) VALUES (?, '校园 Campus', UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE id = id`;

/** A row that a crashed run has left is right already. */
const INSERT_PAGE = `
  INSERT INTO lecture
    (id, host_id, title, speaker, bio, category, venue, description, description_html,
     version, published, cancelled, opens_at, closes_at, starts_at, ends_at, cancel_until,
     capacity, audience, created_by, created_at, updated_at, creation)
  VALUES ? ON DUPLICATE KEY UPDATE id = id`;

const SELECT_LAST_IDS = `
  SELECT GREATEST(COALESCE((SELECT MAX(id) FROM lecture_0_2), 0),
                  COALESCE((SELECT MAX(lecture_id) FROM stock), 0),
                  COALESCE((SELECT MAX(lecture_id) FROM reservation), 0)) AS last`;

const RAISE_SEQUENCE = "UPDATE lecture_sequence SET last = GREATEST(last, ?)";

interface OldRow extends RowDataPacket {
  id: string | number;
  title: string;
  speaker: string;
  venue: string;
  version: number;
  published: number;
  cancelled: number;
  capacity: number;
  audience: string;
  opensAt: string;
  closesAt: string;
  startsAt: string;
  endsAt: string;
  cancelUntil: string | null;
  updatedAt: string;
}

/**
 * Carries the catalogue of a 0.2 database over into the catalogue's own schema, page by page, and
 * then drops the old table. Does nothing without that table. A crash leaves the table, and the next
 * run ends the same. Both databases must have the newest schema.
 */
export async function carryOver(booking: Database, catalogue: Database): Promise<void> {
  const select = <Row extends RowDataPacket>(sql: string, values: unknown[] = []) =>
    booking.withConnection(async (connection) => (await connection.query<Row[]>(sql, values))[0]);
  if ((await select(FIND_TABLE)).length === 0) return;
  await catalogue.withConnection((connection) => connection.query(INSERT_HOST, [HOST_ID]));
  for (let after = "0"; ; ) {
    const rows = await select<OldRow>(SELECT_PAGE, [after]);
    const last = rows.at(-1);
    if (!last) break;
    await catalogue.withConnection((connection) => insertPage(connection, rows));
    after = String(last.id);
  }
  const [row] = await select<RowDataPacket & { last: string | number }>(SELECT_LAST_IDS);
  await catalogue.withConnection((connection) => connection.query(RAISE_SEQUENCE, [row?.last]));
  await booking.withConnection((connection) => connection.query("DROP TABLE lecture_0_2"));
}

/** The session takes dates that are none, for this one statement. */
async function insertPage(connection: PoolConnection, rows: OldRow[]): Promise<void> {
  await connection.query("SET @before = @@SESSION.sql_mode, SESSION sql_mode = ''");
  await connection.query(INSERT_PAGE, [rows.map(valuesOf)]);
  await connection.query("SET SESSION sql_mode = @before");
}

function valuesOf(row: OldRow): unknown[] {
  const words = [row.id, HOST_ID, row.title, row.speaker, "", "", row.venue, "", ""];
  const state = [row.version, row.published, row.cancelled];
  const times = [row.opensAt, row.closesAt, row.startsAt, row.endsAt, row.cancelUntil];
  const made = [HOST_ID, row.updatedAt, row.updatedAt, `0.2-${row.id}`];
  return [...words, ...state, ...times, row.capacity, row.audience, ...made];
}
