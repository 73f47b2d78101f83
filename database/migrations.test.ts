import { afterEach, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { insertLecture, type LectureDatabases } from "../stack/insert-lecture.ts";
import { migrate, migrateSchema } from "../stack/migrate.ts";
import { platformBinary } from "../stack/platform-binary.ts";
import { addressOf, openTestDatabase } from "../test/servers.ts";
import { carryOver } from "./carry-over.ts";
import { type Database, openDatabase } from "./pool.ts";
import { SCHEMAS, type Schema, urlsOfSchemas } from "./schemas.ts";

const BOOKING_MIGRATIONS = join(import.meta.dir, "migrations/booking");
const PEOPLE_MIGRATIONS = join(import.meta.dir, "migrations/people");
const disposals: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

interface Databases extends LectureDatabases {
  urls: Record<Schema, string>;
}

/** Databases of this test's own: an empty one for booking, and the names of the others. */
async function emptyDatabases(): Promise<Databases> {
  const name = `lectern_${crypto.randomUUID().replaceAll("-", "")}`;
  const root = openTestDatabase();
  const run = (sql: string) => root.withConnection((connection) => connection.query(sql));
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(addressOf("BOOKING_MYSQL_URL"));
  url.pathname = `/${name}`;
  const urls = urlsOfSchemas(url.href);
  const open = (of: string) => openDatabase({ url: of, connections: 2, acquireTimeoutMs: 5_000 });
  const [database, catalogue] = [open(urls.booking), open(urls.catalogue)];
  disposals.push(
    () => root.close(),
    () => run(`DROP DATABASE ${name}`),
    () => run(`DROP DATABASE IF EXISTS ${name}_catalogue`),
    () => run(`DROP DATABASE IF EXISTS ${name}_people`),
    () => database.close(),
    () => catalogue.close(),
  );
  return { urls, database, catalogue };
}

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), "lectern-migrations-"));
  disposals.push(async () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Runs the first `count` migrations of a schema. Three of the booking schema are those of 0.2. */
async function migrateFirst(url: string, count: number, of = BOOKING_MIGRATIONS): Promise<void> {
  const dir = scratch();
  const migrations = join(dir, "migrations");
  mkdirSync(migrations);
  for (const file of readdirSync(of).sort().slice(0, count))
    cpSync(join(of, file), join(migrations, file));
  const command = [
    platformBinary("dbmate"),
    "--migrations-dir",
    migrations,
    "--no-dump-schema",
    "up",
  ];
  const env = { PATH: "/usr/bin:/bin", DATABASE_URL: url };
  const dbmate = Bun.spawn(command, { cwd: dir, env, stdout: "ignore", stderr: "inherit" });
  expect(await dbmate.exited).toBe(0);
}

const migrateAll = (urls: Record<Schema, string>) =>
  migrate(scratch(), urls, new AbortController().signal);

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

async function query(
  database: Database,
  sql: string,
  values: unknown[] = [],
): Promise<RowDataPacket[]> {
  return await database.withConnection(async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>(sql, values);
    return rows;
  });
}

const idsOf = async (database: Database, sql: string) =>
  (await query(database, sql)).map((row) => String(row["id"]));
const lectureIds = ({ catalogue }: Databases) =>
  idsOf(catalogue, "SELECT id FROM lecture ORDER BY id");
const stockIds = ({ database }: Databases) =>
  idsOf(database, "SELECT lecture_id AS id FROM stock ORDER BY lecture_id");

/** A lecture as 0.2 wrote it. */
interface OldLecture {
  id: string;
  title?: string;
  opensAt?: string;
  capacity?: number;
  published?: boolean;
  cancelled?: boolean;
  /** no stock row at all where null */
  stock?: { capacity: number; remaining: number; cancelled?: boolean } | null;
}

const INSERT_OLD = `
  INSERT INTO lecture (id, title, speaker, venue, starts_at, ends_at, opens_at, closes_at,
                       capacity, published, cancelled, updated_at)
  VALUES (?, ?, '讲者', 'H', '2027-01-02 03:04:05.678', '2027-01-03', ?, '2026-12-31',
          ?, ?, ?, '2026-11-01 00:00:00.123')`;

async function insertOld(database: Database, lecture: OldLecture): Promise<void> {
  const { id, title = "光 Light", opensAt = "2026-12-01", capacity = 3, stock } = lecture;
  const { published = true, cancelled = false } = lecture;
  await database.withConnection(async (connection) => {
    await connection.query("SET @before = @@SESSION.sql_mode, SESSION sql_mode = ''");
    await connection.query(INSERT_OLD, [id, title, opensAt, capacity, published, cancelled]);
    await connection.query("SET SESSION sql_mode = @before");
    if (stock === null) return;
    const {
      remaining = capacity,
      capacity: seats = capacity,
      cancelled: ended = false,
    } = stock ?? {};
    await connection.query("INSERT INTO stock VALUES (?, ?, ?, ?)", [id, seats, remaining, ended]);
  });
}

async function insertReservation(database: Database, id: string, status: string): Promise<void> {
  await query(
    database,
    `INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
     VALUES (?, ?, ?, ?, '2026-12-02', '2026-12-02 00:00:01.5')`,
    [id, `${id}-${status}`, `u-${status}`, status],
  );
}

/** A database of 0.2 with everything that one may hold. */
async function oldDatabase(): Promise<Databases> {
  const databases = await emptyDatabases();
  const { urls, database } = databases;
  await migrateFirst(urls.booking, 3);
  await insertOld(database, { id: "1", stock: { capacity: 3, remaining: 2 } });
  for (const status of ["confirmed", "rejected", "cancelled"])
    await insertReservation(database, "1", status);
  await insertOld(database, { id: "2", published: false });
  await insertOld(database, { id: "3", published: false, stock: null });
  await insertOld(database, { id: "4", cancelled: true });
  await insertOld(database, { id: "5", capacity: 100 - 1, stock: { capacity: 3, remaining: 3 } });
  await insertOld(database, { id: "6", capacity: 2, stock: { capacity: 3, remaining: 3 } });
  await insertOld(database, { id: "7", opensAt: "0000-00-00 00:00:00" });
  await insertOld(database, { id: "8", stock: null });
  await insertReservation(database, "8", "confirmed");
  await insertOld(database, {
    id: "9",
    title: "npm start books here, to show that booking works",
    stock: { capacity: 3, remaining: 3, cancelled: false },
  });
  // Neither has a lecture.
  await query(database, "INSERT INTO stock VALUES (40, 5, 5, FALSE)");
  await insertReservation(database, "41", "rejected");
  return databases;
}

/** Everything that the three schemas hold, but for the times of making. */
async function contentsOf({ database, catalogue }: Databases) {
  const text = (column: string) => `CAST(${column} AS CHAR) AS ${column}`;
  const times = ["opens_at", "closes_at", "starts_at", "ends_at"].map(text).join(", ");
  return {
    stock: await query(
      database,
      `SELECT lecture_id AS id, capacity, target, remaining, version, published, cancelled,
              ${times}, cancel_until, audience FROM stock ORDER BY id`,
    ),
    reservation: await query(database, "SELECT * FROM reservation ORDER BY lecture_id, rid"),
    lecture: await query(
      catalogue,
      `SELECT id, host_id, title, speaker, bio, category, venue, poster_url, description, version,
              published, cancelled, ${times}, cancel_until, capacity, audience,
              ${text("updated_at")}, creation
         FROM lecture ORDER BY id`,
    ),
    host: await idsOf(catalogue, "SELECT id FROM host"),
    last: (await query(catalogue, "SELECT last FROM lecture_sequence"))[0]?.["last"],
    old: await query(database, "SHOW TABLES LIKE 'lecture%'"),
  };
}

test("lectures with ids over 15 digits get the next free ids, with their stock", async () => {
  const databases = await emptyDatabases();
  await migrateFirst(databases.urls.booking, 1);
  for (const id of ["4", "1000000000000000", "18446744073709551614"])
    await insertOld(databases.database, { id });
  await migrateAll(databases.urls);
  expect(await lectureIds(databases)).toEqual(["4", "5", "6"]);
  expect(await stockIds(databases)).toEqual(["4", "5", "6"]);
  expect(await insertLecture(databases, LECTURE)).toBe("7");
});

test("an id over 15 digits is refused, and new lectures still get the next id", async () => {
  const databases = await emptyDatabases();
  await migrateAll(databases.urls);
  expect(await insertLecture(databases, LECTURE)).toBe("1");
  const beyond = insertLecture(databases, { ...LECTURE, id: "1000000000000000" });
  await expect(beyond).rejects.toThrow("ER_4025");
  expect(await stockIds(databases)).toEqual(["1"]);
  expect(await insertLecture(databases, LECTURE)).toBe("2");
});

test("a 0.2 database becomes three: rows stay, stock has terms, the catalogue words", async () => {
  const databases = await oldDatabase();
  const reservations = await query(
    databases.database,
    "SELECT * FROM reservation ORDER BY lecture_id, rid",
  );
  await migrateAll(databases.urls);
  const { stock, reservation, lecture, host, last, old } = await contentsOf(databases);
  expect(reservation).toEqual(reservations);
  expect(old).toEqual([]);
  expect(host).toEqual(["campus"]);
  expect(Number(last)).toBe(41);
  const terms = {
    version: 1,
    published: 1,
    cancelled: 0,
    opens_at: "2026-12-01 00:00:00.000",
    closes_at: "2026-12-31 00:00:00.000",
    starts_at: "2027-01-02 03:04:05.678",
    ends_at: "2027-01-03 00:00:00.000",
    cancel_until: null,
    audience: "[]",
  };
  const all = { capacity: 3, target: 3, remaining: 3, ...terms };
  const toItsEnd = { starts_at: "2026-12-31 00:00:00.000", ends_at: "2026-12-31 01:00:00.000" };
  const none = "1970-01-01 00:00:00.000";
  const noTerms = { opens_at: none, closes_at: none, starts_at: none, ends_at: none };
  expect(stock).toMatchObject([
    { id: "1", ...all, remaining: 2 },
    { id: "2", ...all, published: 0 },
    { id: "3", ...all, published: 0 },
    { id: "4", ...all, cancelled: 1 },
    { id: "5", ...all },
    { id: "6", ...all, target: 2 },
    { id: "7", ...all, opens_at: "0000-00-00 00:00:00.000" },
    { id: "8", ...all, remaining: 2 },
    { id: "9", ...all, ...toItsEnd },
    { id: "40", ...all, ...noTerms, capacity: 5, target: 5, remaining: 5, published: 0 },
  ]);
  const words = {
    host_id: "campus",
    title: "光 Light",
    speaker: "讲者",
    bio: "",
    category: "",
    venue: "H",
    poster_url: null,
    description: "",
    updated_at: "2026-11-01 00:00:00.123",
  };
  const shown = stock.slice(0, -1).map(({ capacity: _, remaining: __, target, ...copied }) => ({
    ...copied,
    capacity: target,
  }));
  expect(lecture).toMatchObject(shown);
  const proof = "npm start books here, to show that booking works";
  expect(lecture).toMatchObject(
    Array.from({ length: 9 }, (_, at) => ({ ...words, ...(at === 8 && { title: proof }) })),
  );
  expect(await insertLecture(databases, LECTURE)).toBe("42");
});

test("who signed in before groups were written down stays, and has not named any", async () => {
  const { urls } = await emptyDatabases();
  const root = openTestDatabase();
  disposals.push(() => root.close());
  const name = `${new URL(urls.booking).pathname.slice(1)}_people`;
  await query(root, `CREATE DATABASE ${name}`);
  await migrateFirst(urls.people, 1, PEOPLE_MIGRATIONS);
  await query(root, `INSERT INTO ${name}.person VALUES ('s-1', '1', NOW(3), NOW(3))`);
  // As after a crash between the change and the note that it was made.
  await query(root, `ALTER TABLE ${name}.person ADD COLUMN \`groups\` TEXT NULL`);
  await migrateAll(urls);
  const people = await query(root, `SELECT id, \`groups\` FROM ${name}.person`);
  expect(people).toMatchObject([{ id: "s-1", groups: null }]);
});

test("a run that is cut off between any two steps, and a second run, end the same", async () => {
  const whole = await oldDatabase();
  await migrateAll(whole.urls);
  const expected = await contentsOf(whole);
  await migrateAll(whole.urls);
  expect(await contentsOf(whole)).toEqual(expected);

  const cut = await oldDatabase();
  await cutOff(cut.urls.booking);
  let died = true;
  for (let statements = 1; died && statements < 20; statements += 1) {
    const mortal = mortally(statements);
    died = await carryOver(mortal(cut.database), mortal(cut.catalogue)).then(
      () => false,
      () => true,
    );
  }
  expect(died).toBe(false);
  await migrateAll(cut.urls);
  expect(await contentsOf(cut)).toEqual(expected);
});

/** Runs all schemas' migrations, the booking statements since 0.2 cut off one by one. */
async function cutOff(url: string): Promise<void> {
  for (const file of readdirSync(BOOKING_MIGRATIONS).sort().slice(3)) await cutOffWithin(url, file);
  for (const schema of SCHEMAS.slice(0, 2))
    await migrateSchema(
      scratch(),
      schema,
      urlsOfSchemas(url)[schema],
      new AbortController().signal,
    );
}

async function cutOffWithin(url: string, file: string): Promise<void> {
  const text = await Bun.file(join(BOOKING_MIGRATIONS, file)).text();
  const up = text.slice(0, text.indexOf("-- migrate:down"));
  const statements = up.replace(/^--.*$/gm, "").split(/;\s*$/m);
  for (let count = 1; count < statements.length; count += 1) {
    const database = openDatabase({ url, connections: 1, acquireTimeoutMs: 5_000 });
    try {
      await database.withConnection(async (connection) => {
        for (const statement of statements.slice(0, count)) await connection.query(statement);
      });
    } finally {
      await database.close();
    }
  }
}

/** Databases that together lose their server after so many statements. */
function mortally(statements: number): (database: Database) => Database {
  let left = statements;
  return (database) => ({
    ...database,
    withConnection: (work) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error("cut off")) : database.withConnection(work);
    },
  });
}
