import { afterAll, expect, test } from "bun:test";
import { forget, KEPT_MS } from "../admission/forget.ts";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { handleBatch } from "./batch.ts";
import { forgetAll } from "./forget.ts";
import { loadMissing } from "./load.ts";

const room = await openWorkerRoom();
const { deps, redis, database } = room;

afterAll(() => room.close());

const OVER_MS = KEPT_MS + 60_000;

async function bookedLecture(): Promise<LectureId> {
  const lectureId = await room.publishLecture(3);
  await loadMissing(deps);
  const [seat, other] = [await room.reserve(lectureId, "u1"), await room.reserve(lectureId, "u2")];
  await handleBatch(deps, deliveriesOf([seat, other]));
  await handleBatch(deps, deliveriesOf([await room.cancel(other)]));
  return lectureId;
}

/** Sets the end of the window in Redis, in MySQL, or in both. */
async function closedAgo(lectureId: LectureId, where: { redis?: number; mysql?: number }) {
  if (where.redis !== undefined)
    await redis.hset(redisKeys.lecture(lectureId), {
      opensAtMs: "0",
      closesAtMs: String(Date.now() - where.redis),
    });
  if (where.mysql !== undefined) {
    const [opensAt, closesAt] = [new Date(0), new Date(Date.now() - where.mysql)];
    const sql = "UPDATE stock SET opens_at = ?, closes_at = ? WHERE lecture_id = ?";
    await database.withConnection((connection) =>
      connection.execute(sql, [opensAt, closesAt, lectureId]),
    );
  }
}

async function keysOf(lectureId: LectureId): Promise<number> {
  const { lecture, claims, held, released } = redisKeys;
  return await redis.exists(...[lecture, claims, held, released].map((key) => key(lectureId)));
}

test("a lecture that closed over 30 days ago is removed, and the loader leaves it", async () => {
  const [over, open] = [await bookedLecture(), await bookedLecture()];
  expect(await keysOf(over)).toBe(3);
  await closedAgo(over, { redis: OVER_MS, mysql: OVER_MS });
  expect(await forgetAll(deps)).toBeGreaterThanOrEqual(1);
  expect(await keysOf(over)).toBe(0);
  expect(await keysOf(open)).toBe(3);
  await loadMissing(deps);
  expect(await keysOf(over)).toBe(0);
});

test("a lecture that MySQL still has a window of stays, whatever Redis has", async () => {
  const lectureId = await bookedLecture();
  await closedAgo(lectureId, { redis: OVER_MS });
  await forgetAll(deps);
  expect(await keysOf(lectureId)).toBe(3);
});

test("a lecture whose window in Redis is not over so long stays, whatever MySQL has", async () => {
  const lectureId = await bookedLecture();
  await closedAgo(lectureId, { redis: KEPT_MS - 60_000, mysql: OVER_MS });
  await forgetAll(deps);
  expect(await keysOf(lectureId)).toBe(3);
});

test("a lecture with a held claim, a fence or no terms stays", async () => {
  const [held, fenced, bare] = [
    await bookedLecture(),
    await bookedLecture(),
    await bookedLecture(),
  ];
  await room.reserve(held, "u9");
  for (const lectureId of [held, fenced, bare]) await closedAgo(lectureId, { redis: OVER_MS });
  await redis.hset(redisKeys.lecture(fenced), { fence: ",7-1," });
  await redis.hdel(redisKeys.lecture(bare), "closesAtMs");
  for (const lectureId of [held, fenced, bare]) expect(await forget(redis, lectureId)).toBe(false);
  await redis.hdel(redisKeys.lecture(fenced), "fence");
  expect(await forget(redis, fenced)).toBe(true);
});
