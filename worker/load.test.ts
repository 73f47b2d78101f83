import { afterAll, beforeAll, expect, test } from "bun:test";
import pino from "pino";
import { readAvailability } from "../admission/availability.ts";
import { claim } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import type { ReserveCommand } from "../contract/command.ts";
import { type LectureId, ridOf, type UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { insertLecture } from "../database/lectures.ts";
import { createPendingNodes } from "../pending/create.ts";
import { openZooKeeper } from "../pending/session.ts";
import { addressOf, openTestDatabase, openTestRedis, randomLectureId } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import type { WorkerDeps } from "./deps.ts";
import { loadMissing } from "./load.ts";

const database = openTestDatabase();
const redis = openTestRedis();
const zooKeeper = openZooKeeper({
  servers: addressOf("ZOOKEEPER_URL"),
  sessionTimeoutMs: 10_000,
  operationTimeoutMs: 5_000,
  maxInFlight: 500,
});
const createPendingNode = createPendingNodes(zooKeeper);
const deps: WorkerDeps = {
  database,
  redis,
  zooKeeper,
  log: pino({ level: "silent" }),
  now: Date.now,
  stopping: new AbortController().signal,
};

beforeAll(async () => {
  expect(await zooKeeper.connectedWithin(10_000)).toBe(true);
});

afterAll(async () => {
  await zooKeeper.close();
  await database.close();
});

async function publishLecture(capacity: number): Promise<LectureId> {
  const [opensAt, closesAt] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
  const words = { title: "Sound", speaker: "Department of Music", venue: "Hall 2" };
  const times = { opensAt, closesAt, startsAt: closesAt, endsAt: new Date(8e12) };
  return await insertLecture(database, { id: randomLectureId(), ...words, ...times, capacity });
}

async function reserve(lectureId: LectureId, userId: UserId): Promise<ReserveCommand> {
  const rid = await ridOf(lectureId, userId, "key");
  expect((await claim(redis, { lectureId, userId, rid })).outcome).toBe("claimed");
  const command: ReserveCommand = { kind: "reserve", rid, lectureId, userId, claimedAtMs: Date.now() };
  await createPendingNode(command);
  return command;
}

async function loseRedis(lectureId: LectureId): Promise<void> {
  const { lecture, claims, held, released } = redisKeys;
  await redis.del(...[lecture, claims, held, released].map((key) => key(lectureId)));
}

test("a published lecture is loaded with all its seats", async () => {
  const lectureId = await publishLecture(7);
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
  await loadMissing(deps);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ state: "open", capacity: 7, remaining: 7 });
});

test("a lecture that Redis lost comes back with its confirmed, undecided and released rids", async () => {
  const lectureId = await publishLecture(7);
  await loadMissing(deps);
  const confirmed = await reserve(lectureId, "u1");
  const given = await reserve(lectureId, "u2");
  const giveBack = { ...given, kind: "cancel" as const, requestedAtMs: Date.now() };
  const deliveries = [confirmed, given, giveBack].map((command) => ({ command, redelivered: false, deliveryCount: 0 }));
  await handleBatch(deps, deliveries);
  const undecided = await reserve(lectureId, "u3");

  await loseRedis(lectureId);
  expect((await claim(redis, confirmed)).outcome).toBe("not_ready");
  await loadMissing(deps);

  expect(await findClaim(redis, confirmed)).toMatchObject({ rid: confirmed.rid, state: "confirmed" });
  expect(await findClaim(redis, undecided)).toMatchObject({ rid: undecided.rid, state: "held" });
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(1);
  expect(await claim(redis, given)).toMatchObject({ outcome: "repeated", state: "cancelled" });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 5 });
});
