import { afterEach, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { platformBinary } from "../stack/platform-binary.ts";
import { addressOf, openTestDatabase } from "../test/servers.ts";
import { insertLecture } from "./lectures.ts";
import { type Database, openDatabase } from "./pool.ts";

const MIGRATIONS = join(import.meta.dir, "migrations");
const disposals: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

/** An empty database of this test's own. */
async function emptyDatabase(): Promise<{ url: string; database: Database }> {
  const name = `lectern_${crypto.randomUUID().replaceAll("-", "")}`;
  const root = openTestDatabase();
  const run = (sql: string) => root.withConnection((connection) => connection.query(sql));
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(addressOf("MYSQL_URL"));
  url.pathname = `/${name}`;
  const database = openDatabase({ url: url.href, connections: 2, acquireTimeoutMs: 5_000 });
  disposals.push(
    () => root.close(),
    () => run(`DROP DATABASE ${name}`),
    () => database.close(),
  );
  return { url: url.href, database };
}

/** Runs the first `count` migrations, or all. */
async function migrate(url: string, count = Number.POSITIVE_INFINITY): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "lectern-migrations-"));
  disposals.push(async () => rmSync(dir, { recursive: true, force: true }));
  const migrations = join(dir, "migrations");
  mkdirSync(migrations);
  for (const file of readdirSync(MIGRATIONS).sort().slice(0, count))
    cpSync(join(MIGRATIONS, file), join(migrations, file));
  const command = [
    platformBinary("dbmate"),
    "--migrations-dir",
    migrations,
    "--no-dump-schema",
    "up",
  ];
  const env = { PATH: "/usr/bin:/bin", DATABASE_URL: url };
  const dbmate = Bun.spawn(command, { cwd: dir, env, stdout: "ignore", stderr: "inherit" });
  return await dbmate.exited;
}

const LECTURE = {
  title: "Light",
  speaker: "P",
  venue: "H",
  startsAt: new Date("2027-01-02"),
  endsAt: new Date("2027-01-03"),
  opensAt: new Date("2026-12-01"),
  closesAt: new Date("2026-12-31"),
  capacity: 3,
};

const idsOf = (database: Database, table: "lecture" | "stock") =>
  database.withConnection(async (connection) => {
    const id = table === "lecture" ? "id" : "lecture_id AS id";
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT ${id} FROM ${table} ORDER BY 1`);
    return rows.map((row) => String(row["id"]));
  });

test("lectures with ids over 15 digits get the next free ids, with their stock", async () => {
  const { url, database } = await emptyDatabase();
  expect(await migrate(url, 1)).toBe(0);
  for (const id of ["4", "1000000000000000", "18446744073709551614"])
    await insertLecture(database, { ...LECTURE, id });
  expect(await migrate(url)).toBe(0);
  expect(await idsOf(database, "lecture")).toEqual(["4", "5", "6"]);
  expect(await idsOf(database, "stock")).toEqual(["4", "5", "6"]);
  expect(await insertLecture(database, LECTURE)).toBe("7");
});

test("an id over 15 digits is refused, and new lectures still get the next id", async () => {
  const { url, database } = await emptyDatabase();
  expect(await migrate(url)).toBe(0);
  expect(await insertLecture(database, LECTURE)).toBe("1");
  const beyond = insertLecture(database, { ...LECTURE, id: "1000000000000000" });
  await expect(beyond).rejects.toThrow("ER_NO_PARTITION_FOR_GIVEN_VALUE");
  expect(await insertLecture(database, LECTURE)).toBe("2");
});
