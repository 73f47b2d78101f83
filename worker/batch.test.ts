import { afterAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { claim } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import type { Command, ReserveCommand } from "../contract/command.ts";
import { type LectureId, ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { findPending } from "../pending/read.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { randomLectureId } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import { loadMissing } from "./load.ts";

const room = await openWorkerRoom();
const { deps, database, redis, zooKeeper, reserve, cancel } = room;

afterAll(() => room.close());

async function openLecture(capacity: number): Promise<LectureId> {
  const lectureId = await room.publishLecture(capacity);
  await loadMissing(deps);
  return lectureId;
}

async function rowsOf(lectureId: LectureId): Promise<Record<string, string>> {
  const [rows] = await database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(
      "SELECT rid, status, reason FROM reservation WHERE lecture_id = ?",
      [lectureId],
    ),
  );
  return Object.fromEntries(rows.map((row) => [row["rid"], row["reason"] ?? row["status"]]));
}

async function remainingOf(lectureId: LectureId): Promise<number> {
  const [rows] = await database.withConnection((connection) =>
    connection.query<RowDataPacket[]>("SELECT remaining FROM stock WHERE lecture_id = ?", [
      lectureId,
    ]),
  );
  return Number(rows[0]?.["remaining"]);
}

test("a batch is decided, settled and no longer pending when it is acknowledged", async () => {
  const lectureId = await openLecture(3);
  const command = await reserve(lectureId, "u1");
  expect(await handleBatch(deps, deliveriesOf([command]))).toEqual(["ack"]);
  expect(await rowsOf(lectureId)).toEqual({ [command.rid]: "confirmed" });
  expect(await remainingOf(lectureId)).toBe(2);
  expect(await findClaim(redis, command)).toMatchObject({ rid: command.rid, state: "confirmed" });
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
  expect(await findPending(zooKeeper, command.rid)).toBeUndefined();
});

test("a redelivered batch is acknowledged again and changes nothing", async () => {
  const lectureId = await openLecture(3);
  const batch = deliveriesOf([await reserve(lectureId, "u1"), await reserve(lectureId, "u2")]);
  await handleBatch(deps, batch);
  const decided = await rowsOf(lectureId);
  expect(await handleBatch(deps, batch)).toEqual(["ack", "ack"]);
  expect(await rowsOf(lectureId)).toEqual(decided);
  expect(await remainingOf(lectureId)).toBe(1);
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(2);
});

test("a batch redelivered to two workers at once is decided once", async () => {
  const lectureId = await openLecture(50);
  const commands: Command[] = [];
  for (let user = 0; user < 50; user++) commands.push(await reserve(lectureId, `u${user}`));
  await Promise.all([1, 2, 3].map(() => handleBatch(deps, deliveriesOf(commands))));
  expect(Object.values(await rowsOf(lectureId))).toEqual(
    Array.from({ length: 50 }, () => "confirmed"),
  );
  expect(await remainingOf(lectureId)).toBe(0);
});

test("of a user's two rids in one batch one is confirmed, and its claim stays", async () => {
  const lectureId = await openLecture(3);
  const first = await reserve(lectureId, "u1", "first");
  const second = await reserve(lectureId, "u1", "second");
  expect(await handleBatch(deps, deliveriesOf([first, second]))).toEqual(["ack", "ack"]);
  expect(await rowsOf(lectureId)).toEqual({
    [first.rid]: "confirmed",
    [second.rid]: "already_reserved",
  });
  expect(await remainingOf(lectureId)).toBe(2);
  expect(await findClaim(redis, first)).toMatchObject({ rid: first.rid, state: "confirmed" });
});

test("a second claim after a lost one is rejected, and Redis has the seat again", async () => {
  const lectureId = await openLecture(3);
  const first = await reserve(lectureId, "u1", "first");
  await handleBatch(deps, deliveriesOf([first]));
  await redis.del(redisKeys.claims(lectureId), redisKeys.throttle(lectureId, "u1"));
  const second = await reserve(lectureId, "u1", "second");
  expect(await findClaim(redis, second)).toMatchObject({ rid: second.rid });
  await handleBatch(deps, deliveriesOf([second]));
  expect(await rowsOf(lectureId)).toEqual({
    [first.rid]: "confirmed",
    [second.rid]: "already_reserved",
  });
  expect(await findClaim(redis, first)).toMatchObject({ rid: first.rid, state: "confirmed" });
});

test("a refused command is rejected and released, and others of its batch get seats", async () => {
  const lectureId = await openLecture(2);
  const [one, two] = [await reserve(lectureId, "u1"), await reserve(lectureId, "u2")];
  const refused: Command = { ...one, refused: "overlaps" };
  expect(await handleBatch(deps, deliveriesOf([refused, two]))).toEqual(["ack", "ack"]);
  // The sweep makes a command from the claim, without the mark.
  expect(await handleBatch(deps, deliveriesOf([one]))).toEqual(["ack"]);
  expect(await rowsOf(lectureId)).toEqual({ [one.rid]: "overlaps", [two.rid]: "confirmed" });
  expect(await remainingOf(lectureId)).toBe(1);
  expect(await findClaim(redis, one)).toBeUndefined();
  expect(await findPending(zooKeeper, one.rid)).toBeUndefined();
  expect(await claim(redis, one)).toMatchObject({ outcome: "repeated", state: "rejected" });
});

test("what a batch has beyond the capacity is sold out, and its claims are released", async () => {
  const lectureId = await openLecture(5);
  const first = [await reserve(lectureId, "u1"), await reserve(lectureId, "u2")];
  await redis.hset(redisKeys.lecture(lectureId), { capacity: "99" });
  const second = [
    await reserve(lectureId, "u3"),
    await reserve(lectureId, "u4"),
    await reserve(lectureId, "u5"),
  ];
  const surplus = [await reserve(lectureId, "u6"), await reserve(lectureId, "u7")];
  await handleBatch(deps, deliveriesOf(first));
  expect(await handleBatch(deps, deliveriesOf([...second, ...surplus]))).toEqual(
    Array.from({ length: 5 }, () => "ack"),
  );
  const rows = await rowsOf(lectureId);
  expect(surplus.map(({ rid }) => rows[rid])).toEqual(["sold_out", "sold_out"]);
  expect(await remainingOf(lectureId)).toBe(0);
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(5);
});

test("a seat cancelled twice comes back once", async () => {
  const lectureId = await openLecture(2);
  const seat = await reserve(lectureId, "u1");
  await handleBatch(deps, deliveriesOf([seat]));
  const give = await cancel(seat);
  expect(await handleBatch(deps, deliveriesOf([give, give]))).toEqual(["ack", "ack"]);
  await handleBatch(deps, deliveriesOf([give]));
  expect(await remainingOf(lectureId)).toBe(2);
  expect(await rowsOf(lectureId)).toEqual({ [seat.rid]: "cancelled" });
  expect(await findClaim(redis, seat)).toBeUndefined();
  expect(await findPending(zooKeeper, seat.rid)).toBeUndefined();
});

test("a reserve command that comes again after its cancel takes no seat", async () => {
  const lectureId = await openLecture(2);
  const seat = await reserve(lectureId, "u1");
  await handleBatch(deps, deliveriesOf([seat]));
  await handleBatch(deps, deliveriesOf([await cancel(seat)]));
  await handleBatch(deps, deliveriesOf([seat]));
  expect(await rowsOf(lectureId)).toEqual({ [seat.rid]: "cancelled" });
  expect(await remainingOf(lectureId)).toBe(2);
  expect(await findClaim(redis, seat)).toBeUndefined();
});

test("a batch across lectures decides each by its own stock", async () => {
  const [small, none] = [await openLecture(1), randomLectureId()];
  const here = await reserve(small, "u1");
  const there = { ...here, lectureId: none, rid: ridOf(none, "u1", "key") };
  expect(await handleBatch(deps, deliveriesOf([here, there]))).toEqual(["ack", "ack"]);
  expect(await rowsOf(small)).toEqual({ [here.rid]: "confirmed" });
  expect(await rowsOf(none)).toEqual({ [there.rid]: "lecture_not_found" });
});

test("an undecidable command alone goes to the dead letters; the others are decided", async () => {
  const lectureId = await openLecture(9);
  const good = [
    await reserve(lectureId, "u1"),
    await reserve(lectureId, "u2"),
    await reserve(lectureId, "u3"),
  ];
  const bad: Command = {
    ...(good[0] as ReserveCommand),
    rid: `${lectureId}-${"f".repeat(60)}`,
    userId: "u9",
  };
  const verdicts = await handleBatch(
    deps,
    deliveriesOf([good[0], bad, good[1], good[2]] as Command[]),
  );
  expect(verdicts).toEqual(["ack", "dead", "ack", "ack"]);
  expect(Object.values(await rowsOf(lectureId))).toEqual(["confirmed", "confirmed", "confirmed"]);
  expect(await remainingOf(lectureId)).toBe(6);
});

test("an unreadable message goes to the dead letters, its neighbours are decided", async () => {
  const lectureId = await openLecture(9);
  const good = await reserve(lectureId, "u1");
  const unreadable = {
    unreadable: "not JSON",
    body: Buffer.from("{"),
    redelivered: false,
    deliveryCount: 0,
  };
  expect(await handleBatch(deps, [unreadable, ...deliveriesOf([good])])).toEqual(["dead", "ack"]);
  expect(await rowsOf(lectureId)).toEqual({ [good.rid]: "confirmed" });
});
