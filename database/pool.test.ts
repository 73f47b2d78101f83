import { afterAll, expect, test } from "bun:test";
import pino from "pino";
import { insertDecision } from "../test/rooms/decision.ts";
import { openTestDatabase, randomLectureId } from "../test/servers.ts";
import { openDatabase } from "./pool.ts";

const database = openTestDatabase();
afterAll(() => database.close());

test("a database error names what happened and no value of a row, in any log", async () => {
  const [lectureId, userId] = [randomLectureId(), "s-20239999"];
  const insert = (rid: string) => insertDecision(database, { lectureId, rid, userId }, "confirmed");
  await insert(`${lectureId}-1`);
  const error: unknown = await insert(`${lectureId}-2`).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "ER_DUP_ENTRY", errno: 1062, sqlState: "23000" });
  const lines: string[] = [];
  pino({ level: "info" }, { write: (line: string) => void lines.push(line) }).error(
    { err: error },
    "as it is",
  );
  const told = lines.join("") + Bun.inspect(error) + String(error) + JSON.stringify(error);
  expect(told).toContain("ER_DUP_ENTRY");
  expect(told).not.toContain(userId);
});

test("an address that cannot be read is refused without being repeated", () => {
  const open = () =>
    openDatabase({
      url: "mysql://lectern:a-password@127.0.0.1:port/x",
      connections: 1,
      acquireTimeoutMs: 1,
    });
  expect(open).toThrow("not of the form mysql://user:password@host:3306/database");
});
