import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PoolConnection, RowDataPacket } from "mysql2/promise";
import { type ListQuery, readListQuery } from "../contract/lecture-list.ts";
import { type Database, openDatabase } from "../database/pool.ts";
import { migrateSchema } from "../stack/migrate.ts";
import { addressOf, openTestDatabase } from "../test/servers.ts";
import { listOfLectures, unchangedForMs } from "./lists.ts";

/** A catalogue of this file's own: as many coming lectures and past ones as a large campus has. */
const COMING = 5_000;
const PAST = 20_000;

const NOW_MS = Date.parse("2030-01-01T00:00:00Z");
const name = `lectern_lists_${crypto.randomUUID().slice(0, 8)}`;
const root = openTestDatabase("catalogue");
const dir = mkdtempSync(join(tmpdir(), "lectern-lists-"));
let catalogue: Database;

const INSERT = `
  INSERT INTO lecture (id, host_id, title, speaker, bio, category, venue,
                       description, description_html, version, published, opens_at, closes_at,
                       starts_at, ends_at,
                       capacity, audience, created_by, created_at, updated_at, creation)
  SELECT seq, CONCAT('host-', seq MOD 20), CONCAT('Lecture ', seq), 'P', REPEAT('b', 1000),
         CONCAT('c-', seq MOD 10), 'H',
         REPEAT('d', 4000), REPEAT('d', 5000), 1, TRUE, '2029-12-31', '2040-01-01',
         '2030-01-01' + INTERVAL (CAST(seq AS SIGNED) - ${PAST}) HOUR,
         '2030-01-01 02:00:00' + INTERVAL (CAST(seq AS SIGNED) - ${PAST}) HOUR,
         10, '[]', '-', NOW(3), NOW(3), seq
    FROM seq_1_to_${PAST + COMING}`;

beforeAll(async () => {
  const url = new URL(addressOf("CATALOGUE_MYSQL_URL"));
  url.pathname = `/${name}`;
  await migrateSchema(dir, "catalogue", url.href, new AbortController().signal);
  catalogue = openDatabase({ url: url.href, connections: 1, acquireTimeoutMs: 5_000 });
  await catalogue.withConnection(async (connection) => {
    await connection.query(INSERT);
    await connection.query("ANALYZE TABLE lecture");
  });
});
afterAll(async () => {
  await catalogue.close();
  await root.withConnection((connection) => connection.query(`DROP DATABASE ${name}`));
  await root.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The rows that a page reads, by MySQL's own count, and the rows that it shows. */
async function costOf(query: ListQuery): Promise<{ read: number; shown: number; sorts: boolean }> {
  const { sql, values } = listOfLectures(query, { nowMs: NOW_MS, day: undefined });
  return await catalogue.withConnection(async (connection) => {
    const before = await rowsRead(connection);
    const [rows] = await connection.execute<RowDataPacket[]>(sql, values);
    const read = (await rowsRead(connection)) - before;
    const [plan] = await connection.query<RowDataPacket[]>(`EXPLAIN ${sql}`, values);
    const sorts = plan.some((step) => String(step["Extra"]).includes("filesort"));
    return { read, shown: rows.length, sorts };
  });
}

async function rowsRead(connection: PoolConnection): Promise<number> {
  const sql = `SHOW SESSION STATUS WHERE Variable_name IN
       ('Handler_read_next', 'Handler_read_rnd_next', 'Handler_read_prev')`;
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.reduce((sum, row) => sum + Number(row["Value"]), 0);
}

/** SHOW STATUS itself reads some rows; past lectures of a week are passed over. */
const PASSED_OVER = 8 * 24 + 50;

const middle = { startsAtMs: NOW_MS + 2_500 * 3_600_000, id: String(PAST + 2_500) };
test.each([
  ["the first page", {}],
  ["a page in the middle", { after: middle }],
  ["a host's page", { host: "host-3" }],
  ["a host's page in the middle", { host: "host-3", after: middle }],
  ["a category's page", { category: "c-3" }],
  ["the page of open lectures", { state: "open" as const }],
])(
  "%s of 5,000 coming and 20,000 past lectures reads about the rows it shows, in order",
  async (_, given) => {
    const query = { ...(readListQuery({ limit: "100" }) as ListQuery), ...given };
    const { read, shown, sorts } = await costOf(query);
    expect(shown).toBe(101);
    expect(sorts).toBe(false);
    expect(read).toBeLessThan(shown + PASSED_OVER);
  },
);

test("a search for one of 5,000 lectures looks through the key and fetches one row", async () => {
  const query = readListQuery({ limit: "100", q: "lecture 24999" }) as ListQuery;
  const { read, shown, sorts } = await costOf(query);
  expect([shown, sorts]).toEqual([1, false]);
  expect(read).toBeLessThan(100);
});

test("a list stays until the clock takes its first row out, if nothing comes in by it", () => {
  const hourMs = 3_600_000;
  const at = (hours: number) => new Date(NOW_MS + hours * hourMs);
  const row = (opens: number, starts: number, ends: number) => ({
    opensAt: at(opens),
    startsAt: at(starts),
    endsAt: at(ends),
  });
  const rows = [row(-9, -25, -23), row(2, 3, 4), row(7, 8, 9)];
  const hours = (query: Partial<ListQuery>, of = rows) =>
    unchangedForMs({ state: query.state, day: query.day }, of, NOW_MS) / hourMs;
  // A day after its end a lecture leaves every list but those of a day.
  expect(hours({})).toBe(1);
  expect(hours({ state: "cancelled" })).toBe(1);
  expect(hours({ day: "2030-01-01" })).toBe(Number.POSITIVE_INFINITY);
  expect(hours({ state: "upcoming" }, rows.slice(1))).toBe(2);
  expect(hours({ state: "upcoming", day: "2030-01-01" }, rows.slice(2))).toBe(7);
  // Of a lecture that lasts, a list shows the first week and a day.
  expect(hours({}, [row(-999, -191, 99)])).toBe(1);
  expect(hours({}, [{ ...row(1, 2, 3), endsAt: new Date(Number.NaN) }])).toBe(2 + 8 * 24);
  expect(hours({}, [])).toBe(Number.POSITIVE_INFINITY);
  // A lecture opens and closes by the clock, and comes in unseen.
  expect(hours({ state: "open" })).toBe(0);
  expect(hours({ state: "closed" })).toBe(0);
});
