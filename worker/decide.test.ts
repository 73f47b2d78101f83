import { afterAll, expect, test } from "bun:test";
import type { PoolConnection } from "mysql2/promise";
import type { SeatCommand } from "../contract/command.ts";
import type { Database } from "../database/pool.ts";
import { openWorkerRoom } from "../test/rooms/worker.ts";
import { decide } from "./decide.ts";

const room = await openWorkerRoom();
const { database, reserve, cancel } = room;

afterAll(() => room.close());

/** Transactions that were begun. */
let tries = 0;

/** Decides; gives the outcome of each command and the number of reads of the reservation table. */
async function decided(commands: SeatCommand[]): Promise<{ outcomes: string[]; reads: number }> {
  let reads = 0;
  const query = (connection: PoolConnection, what: { sql: string }) => {
    if (what.sql.includes("FROM reservation")) reads += 1;
    if (what.sql.includes("FOR UPDATE")) tries += 1;
    return connection.query(what);
  };
  const watched: Database = {
    ...database,
    withConnection: (work) =>
      database.withConnection((connection) =>
        work(
          new Proxy(connection, {
            get: (target, name) =>
              name === "query"
                ? (what: { sql: string }) => query(target, what)
                : Reflect.get(target, name).bind(target),
          }),
        ),
      ),
  };
  const decisions = await decide(watched, commands, Date.now());
  const outcomes = commands.map(({ rid }) => {
    const decision = decisions.find((each) => each.rid === rid);
    return decision?.reason ?? decision?.status ?? "undecided";
  });
  return { outcomes, reads };
}

test("new commands are decided without a look at what the table holds", async () => {
  const lectureId = await room.publishLecture(5);
  const commands = [await reserve(lectureId, "u1"), await reserve(lectureId, "u2")];
  expect(await decided(commands)).toEqual({ outcomes: ["confirmed", "confirmed"], reads: 0 });
});

test("a command decided before has its whole batch decided by the table", async () => {
  const lectureId = await room.publishLecture(5);
  const first = await reserve(lectureId, "u1");
  await decided([first]);
  const { outcomes, reads } = await decided([await reserve(lectureId, "u2"), first]);
  expect(outcomes).toEqual(["confirmed", "confirmed"]);
  expect(reads).toBeGreaterThan(0);
});

test("the moments of a decision are kept to the millisecond", async () => {
  const lectureId = await room.publishLecture(5);
  const seat = await reserve(lectureId, "u1");
  const decidedAtMs = Date.UTC(2026, 1, 3, 4, 5, 6, 7);
  const [first] = await decide(database, [seat], decidedAtMs);
  const [again] = await decide(database, [seat], Date.now());
  expect(again).toEqual(first);
  expect(again?.decidedAtMs).toBe(decidedAtMs);
});

test("a cancel is decided by what the table holds", async () => {
  const lectureId = await room.publishLecture(5);
  const seat = await reserve(lectureId, "u1");
  await decided([seat]);
  expect(await decided([await cancel(seat)])).toMatchObject({ outcomes: ["cancelled"] });
});

test("a user with a seat is rejected as already reserved, and not as sold out", async () => {
  const lectureId = await room.publishLecture(1);
  await decided([await reserve(lectureId, "u1", "first")]);
  const { outcomes } = await decided([
    await reserve(lectureId, "u1", "second"),
    await reserve(lectureId, "u2"),
  ]);
  expect(outcomes).toEqual(["already_reserved", "sold_out"]);
});

test("a batch with a refused command is decided by what the table holds, in one try", async () => {
  const lectureId = await room.publishLecture(2);
  const refused = { ...(await reserve(lectureId, "u1")), refused: "overlaps" as const };
  tries = 0;
  const { outcomes, reads } = await decided([refused, await reserve(lectureId, "u2")]);
  expect(outcomes).toEqual(["overlaps", "confirmed"]);
  expect([tries, reads]).toEqual([1, 2]);
});
