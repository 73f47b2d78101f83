import { afterAll, expect, test } from "bun:test";
import { redisKeys } from "../contract/names.ts";
import { exposition } from "../runtime/metrics/exposition.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { eventually } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import { loadMissing } from "./load.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { keepSurveying, surveyStock, type Taken } from "./survey.ts";

const room = await openWorkerRoom();
const { deps, redis } = room;
afterAll(() => room.close());

async function openLecture() {
  const lectureId = await room.publishLecture(10);
  await loadMissing(deps);
  return lectureId;
}

/** The survey compares one lecture alone; the room's database also has those of other tests. */
async function survey(lectureId: string, before: Taken = new Map()) {
  const only = new Map([...before].filter(([id]) => id === lectureId));
  return await surveyStock(deps, only);
}

test("held claims are counted, and the oldest tells how long the queue has been", async () => {
  const lectureId = await openLecture();
  const { survey: before } = await survey(lectureId);
  await room.reserve(lectureId, "u1");
  await redis.zadd(redisKeys.held(lectureId), { score: Date.now() - 3_600_000, member: "u1" });
  const { survey: after } = await survey(lectureId);
  expect(after.held).toBe(before.held + 1);
  expect(after.oldestHeldMs).toBeWithin(3_590_000, 3_700_000);
  await handleBatch(deps, deliveriesOf([await room.reserve(lectureId, "u1")]));
});

test("drift leaves out settled decisions, and those since the survey before", async () => {
  const lectureId = await openLecture();
  await handleBatch(deps, deliveriesOf([await room.reserve(lectureId, "u1")]));
  const first = await survey(lectureId);
  expect(first.taken.get(lectureId)).toBe(1);
  expect((await survey(lectureId, first.taken)).survey.driftSeats).toBe(0);
  await redis.hdel(redisKeys.claims(lectureId), "u1");
  expect((await survey(lectureId, new Map([[lectureId, 0]]))).survey.driftSeats).toBe(0);
});

test("seats that one side alone knows are drift, once nothing more was decided", async () => {
  const lectureId = await openLecture();
  await handleBatch(
    deps,
    deliveriesOf([await room.reserve(lectureId, "u1"), await room.reserve(lectureId, "u2")]),
  );
  const { taken } = await survey(lectureId);
  await redis.hdel(redisKeys.claims(lectureId), "u1");
  expect((await survey(lectureId, taken)).survey.driftSeats).toBe(1);
  await redis.hset(redisKeys.claims(lectureId), { u1: "k:1:x", u3: "k:1:y", u4: "k:1:z" });
  expect((await survey(lectureId, taken)).survey.driftSeats).toBe(2);
});

test("a lecture with unreadable keys does not keep others from being surveyed", async () => {
  const [broken, whole] = [await openLecture(), await openLecture()];
  const { taken } = await survey(whole);
  await redis.set(redisKeys.held(broken), "x");
  await redis.hset(redisKeys.claims(whole), { u1: "k:1:x" });
  expect((await survey(whole, taken)).survey.driftSeats).toBe(1);
  await redis.del(redisKeys.held(broken));
});

test("only the leader surveys, and only while it leads it tells", async () => {
  let leads = true;
  const stopping = new AbortController();
  const metrics = createWorkerMetrics(() => leads);
  const depths = { read: async () => [{ queue: "lectern.dead", ready: 2, consumers: 0 }] };
  const surveying = keepSurveying(
    { ...deps, leads: () => leads, stopping: stopping.signal },
    metrics,
    depths,
  );
  await eventually("it has surveyed", async () => metrics.survey.last !== undefined);
  const told = () => exposition(metrics.families);
  expect(told()).toContain('lectern_worker_queue_messages{queue="lectern.dead"} 2\n');
  expect(told()).toMatch(/^lectern_worker_stock_drift_seats \d/m);
  leads = false;
  expect(told()).toContain("lectern_worker_leading 0\n");
  expect(told()).not.toMatch(/^lectern_worker_(stock|queue|held|confirmed|oldest|surveyed)/m);
  stopping.abort();
  await surveying;
});

test("a survey that fails is counted, and the one before stands", async () => {
  const stopping = new AbortController();
  const metrics = createWorkerMetrics(() => true);
  const database = { ...deps.database, withConnection: () => Promise.reject(new Error("away")) };
  const depths = { read: async () => undefined };
  const surveying = keepSurveying(
    { ...deps, database, stopping: stopping.signal },
    metrics,
    depths,
  );
  await eventually("it has failed", async () => metrics.surveys.of("failed").value === 1);
  expect(metrics.survey.last).toBeUndefined();
  stopping.abort();
  await surveying;
});
