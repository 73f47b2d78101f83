import { afterEach, expect, test } from "bun:test";
import { openDatabase } from "../database/pool.ts";
import { createBreaker } from "../runtime/breaker/breaker.ts";
import { openRefusingMysql } from "../test/refusing-mysql.ts";
import { guardDatabase } from "./breakers.ts";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** Whether the breaker is open after five statements that were refused with this error. */
async function opensOn(errno: number, at: "statement" | "greeting"): Promise<boolean> {
  const server = openRefusingMysql({ errno, message: "no" }, at);
  const database = openDatabase({ url: server.url, connections: 1, acquireTimeoutMs: 2_000 });
  ending.push(server.close, () => database.close().catch(() => {}));
  const breaker = createBreaker({ of: "mysql" });
  const guarded = guardDatabase(database, breaker);
  for (let at = 0; at < 5; at += 1)
    await guarded
      .withConnection((connection) => connection.query({ sql: "SELECT 1", values: [] }))
      .catch(() => {});
  return breaker.isOpen();
}

test.each([
  [1129, "greeting", "the host is blocked"],
  [1047, "statement", "a node of a cluster is not ready"],
  [12701, "statement", "a proxy has no server"],
  [1969, "statement", "the server's own time for a statement is over"],
] as const)("%d at the %s: the database is taken for down, since %s", async (errno, at) => {
  expect(await opensOn(errno, at)).toBe(true);
});

test("a database that refuses a value is there", async () => {
  expect(await opensOn(1292, "statement")).toBe(false);
});
