import { afterAll, afterEach, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { findClaim } from "../admission/find-claim.ts";
import type { ReserveCommand } from "../contract/command.ts";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { findPending } from "../pending/read.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { watchCrashPoints } from "../runtime/crash-points/crash-point.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { handleBatch } from "./batch.ts";
import { handleDeadLetters } from "./dead-letters.ts";
import { loadMissing } from "./load.ts";

/*
 * A rival is a user's held claim under another rid than the confirmed one, made after Redis lost
 * the first claim.
 */
const room = await openWorkerRoom();
const { deps, database, redis, zooKeeper, reserve, cancel } = room;

afterEach(() => watchCrashPoints(() => {}));
afterAll(() => room.close());

async function openLecture(capacity = 3): Promise<LectureId> {
  const lectureId = await room.publishLecture(capacity);
  await loadMissing(deps);
  return lectureId;
}

async function outcomeOf({ lectureId, rid }: ReserveCommand): Promise<unknown> {
  const sql = "SELECT status, reason FROM reservation WHERE lecture_id = ? AND rid = ?";
  const [rows] = await database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(sql, [lectureId, rid]),
  );
  return rows[0]?.["reason"] ?? rows[0]?.["status"];
}

/** Makes Redis lose its records of a user. */
async function lose({ lectureId, userId }: ReserveCommand): Promise<void> {
  await redis.hdel(redisKeys.claims(lectureId), userId);
  await redis.zrem(redisKeys.held(lectureId), userId);
  await redis.del(redisKeys.throttle(lectureId, userId));
}

/** Sets Redis back to a moment at which it held this claim. */
async function holdAgain({ lectureId, userId, rid, claimedAtMs }: ReserveCommand): Promise<void> {
  await redis.hset(redisKeys.claims(lectureId), { [userId]: `h:${claimedAtMs}:${rid}` });
  await redis.zadd(redisKeys.held(lectureId), { score: claimedAtMs, member: userId });
  await redis.hdel(redisKeys.released(lectureId), rid);
}

/** A first claim with its command in the queue, and a second claim that only Redis knows. */
async function twoClaims(
  lectureId: LectureId,
): Promise<[first: ReserveCommand, second: ReserveCommand]> {
  const first = await reserve(lectureId, "u1", "first");
  await lose(first);
  const second = await reserve(lectureId, "u1", "second");
  await removePendingNodes(zooKeeper, [second]);
  expect(await findClaim(redis, second)).toMatchObject({ rid: second.rid, state: "held" });
  return [first, second];
}

async function expectSeatOf(command: ReserveCommand): Promise<void> {
  const { lectureId, rid } = command;
  expect(await findClaim(redis, command)).toMatchObject({ rid, state: "confirmed" });
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
}

test("a second claim that only Redis knows is decided as the first one is settled", async () => {
  const [first, second] = await twoClaims(await openLecture());
  expect(await handleBatch(deps, deliveriesOf([first]))).toEqual(["ack"]);
  expect(await outcomeOf(first)).toBe("confirmed");
  expect(await outcomeOf(second)).toBe("already_reserved");
  await expectSeatOf(first);
});

test("the pending node of a rival is gone when it is decided", async () => {
  const lectureId = await openLecture();
  const first = await reserve(lectureId, "u1", "first");
  await lose(first);
  const second = await reserve(lectureId, "u1", "second");
  await handleBatch(deps, deliveriesOf([first]));
  expect(await findPending(zooKeeper, second.rid)).toBeUndefined();
});

test("a worker that dies with a rival undecided finds the rival in the next delivery", async () => {
  const [first, second] = await twoClaims(await openLecture());
  watchCrashPoints((point) => {
    if (point === "worker.rivals_found") throw new Error("the worker dies");
  });
  await expect(handleBatch(deps, deliveriesOf([first]))).rejects.toThrow("the worker dies");
  expect(await outcomeOf(second)).toBeUndefined();
  expect(await findClaim(redis, second)).toMatchObject({ rid: second.rid, state: "held" });
  expect(await redis.zrange(redisKeys.held(first.lectureId), 0, -1)).toEqual(["u1"]);

  watchCrashPoints(() => {});
  await handleBatch(deps, deliveriesOf([first]));
  expect(await outcomeOf(second)).toBe("already_reserved");
  await expectSeatOf(first);
});

test("rivals of many lectures in one batch are all decided", async () => {
  const pairs = await Promise.all(
    [openLecture(), openLecture(), openLecture()].map(async (id) => twoClaims(await id)),
  );
  await handleBatch(deps, deliveriesOf(pairs.map(([first]) => first)));
  for (const [first, second] of pairs) {
    expect(await outcomeOf(second)).toBe("already_reserved");
    await expectSeatOf(first);
  }
});

test("a rival that is given up leaves the confirmed seat in Redis", async () => {
  const lectureId = await openLecture();
  const first = await reserve(lectureId, "u1", "first");
  await handleBatch(deps, deliveriesOf([first]));
  await lose(first);
  const second = await reserve(lectureId, "u1", "second");
  const dead = deliveriesOf([second]).map((delivery) => ({
    ...delivery,
    diedOf: "delivery_limit",
  }));
  expect(await handleDeadLetters(deps, dead)).toEqual(["ack"]);
  expect(await outcomeOf(second)).not.toBe("confirmed");
  await expectSeatOf(first);
});

test("a rival cancelled before its decision leaves the confirmed seat in Redis", async () => {
  const lectureId = await openLecture();
  const first = await reserve(lectureId, "u1", "first");
  await handleBatch(deps, deliveriesOf([first]));
  await lose(first);
  const second = await reserve(lectureId, "u1", "second");
  await handleBatch(deps, deliveriesOf([await cancel(second)]));
  expect(await outcomeOf(second)).toBe("cancelled");
  await expectSeatOf(first);
});

test("a rival rejected long ago, and held again by a Redis set back, leaves the seat", async () => {
  const lectureId = await openLecture(1);
  await redis.hset(redisKeys.lecture(lectureId), { capacity: "9" });
  const [other, old] = [await reserve(lectureId, "u2"), await reserve(lectureId, "u1", "old")];
  await handleBatch(deps, deliveriesOf([other, old]));
  expect(await outcomeOf(old)).toBe("sold_out");
  await handleBatch(deps, deliveriesOf([await cancel(other)]));
  await loadMissing(deps);
  await redis.del(redisKeys.throttle(lectureId, "u1"));
  const seat = await reserve(lectureId, "u1", "seat");
  await handleBatch(deps, deliveriesOf([seat]));
  await expectSeatOf(seat);

  await holdAgain(old);
  await handleBatch(deps, deliveriesOf([old]));
  await expectSeatOf(seat);
});
