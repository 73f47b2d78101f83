import { afterEach, expect, test } from "bun:test";
import { openRefusingMysql } from "../test/refusing-mysql.ts";
import { openTestDatabase } from "../test/servers.ts";
import { isDataError } from "./data-error.ts";
import { type Database, openDatabase } from "./pool.ts";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

function refusing(errno: number, at: "statement" | "session" | "greeting" = "statement"): Database {
  const server = openRefusingMysql({ errno, message: "about s-20239999" }, at);
  const database = openDatabase({ url: server.url, connections: 1, acquireTimeoutMs: 2_000 });
  ending.push(server.close, () => database.close().catch(() => {}));
  return database;
}

function errorOf(database: Database): Promise<unknown> {
  return database
    .withConnection((connection) => connection.query("SELECT ?", ["s-20239999"]))
    .then(
      () => "no error",
      (error: unknown) => error,
    );
}

test("server errors keep their number, without the client's wrong names or values", async () => {
  for (const [code, name] of [
    [4025, "ER_4025"],
    [1969, "ER_1969"],
    [12701, "ER_12701"],
    [1062, "ER_DUP_ENTRY"],
  ] as const) {
    const error = await errorOf(refusing(code));
    expect(error).toMatchObject({ name: "DatabaseError", code: name, errno: code });
    expect(String(error) + Bun.inspect(error)).not.toContain("20239999");
  }
});

test("what the database says of a value is the value's fault, and nothing else is", async () => {
  const outcomes = new Map<number, boolean>();
  for (const code of [
    1264, 1292, 1406, 4025, 3819, 1047, 1129, 1158, 1206, 1412, 1429, 1969, 12701, 1054,
  ])
    outcomes.set(code, isDataError(await errorOf(refusing(code))));
  expect([...outcomes].filter(([, isData]) => isData).map(([code]) => code)).toEqual([
    1264, 1292, 1406, 4025, 3819,
  ]);
  for (const error of [
    new Error("Queue limit reached."),
    Object.assign(new Error("no"), { errno: 0 }),
    1264,
  ])
    expect(isDataError(error)).toBe(false);
});

test("the real server's refusals of a value are known as such", async () => {
  const database = openTestDatabase();
  ending.push(() => database.close());
  const insert = (lectureId: number, rid: string, claimedAt: string) =>
    database
      .withConnection((connection) =>
        connection.query(
          `INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
           VALUES (?, ?, 'u', 'rejected', ${claimedAt}, NOW(3))`,
          [lectureId, rid],
        ),
      )
      .then(
        () => false,
        (error: unknown) => isDataError(error),
      );
  expect(await insert(-1, "a", "NOW(3)")).toBe(true);
  expect(await insert(1, "a".repeat(49), "NOW(3)")).toBe(true);
  expect(await insert(1, "a", "136680101000000.000")).toBe(true);
  expect(await insert(1, "a", "NOW(3")).toBe(false);
});

test("the refusal of every connection keeps its number", async () => {
  const error = await errorOf(refusing(1129, "greeting"));
  expect(error).toMatchObject({ errno: 1129 });
  expect(isDataError(error)).toBe(false);
});

test("a connection is not used when its time zone and strictness could not be set", async () => {
  expect(await errorOf(refusing(1047, "session"))).toBeInstanceOf(Error);
});
