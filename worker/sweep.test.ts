import { afterAll, beforeAll, expect, test } from "bun:test";
import pino from "pino";
import { findClaim } from "../admission/find-claim.ts";
import type { ReserveCommand } from "../contract/command.ts";
import { pendingPaths, redisKeys } from "../contract/names.ts";
import { LATEST_MS } from "../contract/time.ts";
import { createPendingNodes } from "../pending/create.ts";
import { findPending } from "../pending/read.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { openConsumer } from "../queue/consumer.ts";
import { openPublisher } from "../queue/publisher.ts";
import { systemClock } from "../runtime/clock/clock.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { addressOf, eventually } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import type { SweeperDeps } from "./deps.ts";
import { loadMissing } from "./load.ts";
import { newMemory, type SweepMemory, sweep } from "./sweep.ts";

const room = await openWorkerRoom();
// As many partitions as any test declares: each queue ever bound may get a command.
const broker = { url: addressOf("RABBITMQ_URL"), partitions: 8 };
const publisher = openPublisher({ ...broker, maxInFlight: 1_000, confirmTimeoutMs: 5_000 });
const consumer = openConsumer({
  ...broker,
  prefetch: 100,
  maxBatch: 50,
  drainTimeoutMs: 5_000,
  handle: (deliveries) => handleBatch(room.deps, deliveries),
});
let monotonicMs = 0;
/** error of the machine's clock, in milliseconds */
let wrongByMs = 0;
const deps: SweeperDeps = {
  ...room.deps,
  createPendingNode: createPendingNodes(room.zooKeeper),
  publisher,
  leads: () => true,
  now: () => Date.now() + wrongByMs,
  clock: { ...systemClock, monotonicMs: () => monotonicMs },
};

beforeAll(async () => {
  expect(await publisher.readyWithin(10_000)).toBe(true);
  expect(await consumer.readyWithin(10_000)).toBe(true);
});

afterAll(async () => {
  await consumer.close();
  await publisher.close();
  await room.close();
});

async function openLecture(capacity: number): Promise<string> {
  const lectureId = await room.publishLecture(capacity);
  await loadMissing(room.deps);
  return lectureId;
}

/** Advances the sweeper's clock: the nodes it has seen become overdue. */
function later(): void {
  monotonicMs += 60_000;
}

/** Dates a claim in Redis this long before now; in the future where negative. */
async function claimedAgo({ lectureId, userId }: ReserveCommand, ms: number): Promise<void> {
  await room.redis.zadd(redisKeys.held(lectureId), { score: Date.now() - ms, member: userId });
}

/** Sweeps until nothing overdue is left, since other tests leave commands behind too. */
async function sweepAll(memory: SweepMemory): Promise<void> {
  later();
  await sweepDue(memory);
}

/** Sweeps until nothing is overdue now, without advancing the clock. */
async function sweepDue(memory: SweepMemory, by = deps): Promise<void> {
  while ((await sweep(by, memory)) > 0);
}

async function untilConfirmed(command: ReserveCommand): Promise<void> {
  await eventually("the claim is confirmed and no longer pending", async () => {
    const claim = await findClaim(room.redis, command);
    return claim?.state === "confirmed" && !(await findPending(room.zooKeeper, command.rid));
  });
}

test("a held claim whose command was never queued is queued again under its own rid, and confirmed", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  await claimedAgo(command, 10_000);
  expect(await sweep(deps, newMemory())).toBeGreaterThan(0);
  await untilConfirmed(command);
  expect(await findClaim(room.redis, command)).toMatchObject({ rid: command.rid });
});

test("a claim that is not overdue is left alone", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await sweep(deps, newMemory());
  expect(await findClaim(room.redis, command)).toMatchObject({ state: "held" });
  await handleBatch(room.deps, deliveriesOf([command]));
});

test("a pending node left behind by a settled reservation goes", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await handleBatch(room.deps, deliveriesOf([command]));
  await deps.createPendingNode(command);
  const memory = newMemory();
  await sweep(deps, memory);
  expect(await findPending(room.zooKeeper, command.rid)).toMatchObject({ rid: command.rid });
  await sweepAll(memory);
  await untilConfirmed(command);
});

test("a cancel whose message was lost is carried out from its pending node", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await handleBatch(room.deps, deliveriesOf([command]));
  await room.cancel(command);
  const memory = newMemory();
  await sweep(deps, memory);
  await sweepAll(memory);
  await eventually("the seat is given back", async () => !(await findClaim(room.redis, command)));
  await eventually(
    "nothing is pending",
    async () => !(await findPending(room.zooKeeper, command.rid)),
  );
});

test("a pending node that holds no command is removed", async () => {
  const lectureId = await openLecture(1);
  const path = pendingPaths.node(`${lectureId}-${"0".repeat(30)}ab`, "reserve");
  await room.zooKeeper.create(pendingPaths.root);
  await room.zooKeeper.create(path.slice(0, path.lastIndexOf("/")));
  await room.zooKeeper.create(path, Buffer.from("{"));
  const memory = newMemory();
  await sweep(deps, memory);
  await sweepAll(memory);
  expect(await room.zooKeeper.exists(path)).toBe(false);
});

test("what was queued again is not queued once more by the next sweep", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  const published: string[] = [];
  const counting: SweeperDeps = {
    ...deps,
    publisher: {
      publish: async ({ rid }) => {
        published.push(rid);
        return "unknown";
      },
    },
  };
  const memory = newMemory();
  await claimedAgo(command, 10_000);
  for (let round = 0; round < 5; round++) await sweep(counting, memory);
  expect(published.filter((rid) => rid === command.rid)).toHaveLength(1);
  monotonicMs += 11_000;
  await sweep(counting, memory);
  expect(published.filter((rid) => rid === command.rid)).toHaveLength(2);
  await handleBatch(room.deps, deliveriesOf([command]));
});

test("what the broker did not take comes soon after the broker is back, however long it was away", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  const memory = newMemory();
  await claimedAgo(command, 10_000);
  const away: SweeperDeps = { ...deps, publisher: { publish: async () => "unavailable" } };
  for (let round = 0; round < 20; round++) {
    await sweep(away, memory);
    monotonicMs += 2_000;
  }
  await sweep(deps, memory);
  await untilConfirmed(command);
});

test("a worker that no longer leads queues nothing", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  await claimedAgo(command, 10_000);
  expect(await sweep({ ...deps, leads: () => false }, newMemory())).toBe(0);
  expect(await findClaim(room.redis, command)).toMatchObject({ state: "held" });
  expect(await findPending(room.zooKeeper, command.rid)).toBeUndefined();
  await handleBatch(room.deps, deliveriesOf([command]));
});

test("however the sweeper's clock is wrong or set, what is overdue by Redis' clock is queued again, and nothing else", async () => {
  const [lost, young] = [
    await room.reserve(await openLecture(3), "u1"),
    await room.reserve(await openLecture(3), "u2"),
  ];
  const published: string[] = [];
  const noting: SweeperDeps = {
    ...deps,
    publisher: {
      publish: async ({ rid }) => {
        published.push(rid);
        return "queued";
      },
    },
  };
  await removePendingNodes(room.zooKeeper, [lost, young]);
  await claimedAgo(lost, 10_000);
  await claimedAgo(young, -7_000);
  const memory = newMemory();
  for (const wrong of [-15 * 60_000, 15 * 60_000]) {
    wrongByMs = wrong;
    await sweep(noting, memory);
  }
  wrongByMs = 0;
  monotonicMs += 20_000;
  await sweep(noting, memory);
  expect(published.filter((rid) => rid === lost.rid)).toHaveLength(2);
  expect(published).not.toContain(young.rid);
  await handleBatch(room.deps, deliveriesOf([lost, young]));
});

test("a clock that was set back does not make a pending node young again", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await handleBatch(room.deps, deliveriesOf([command]));
  await deps.createPendingNode(command);
  const memory = newMemory();
  wrongByMs = 15 * 60_000;
  await sweep(deps, memory);
  wrongByMs = 0;
  await sweepAll(memory);
  await untilConfirmed(command);
});

test("a claim that was made while Redis' clock was ahead is queued again, and so is one of a time that MySQL has no value for", async () => {
  const [early, absurd] = [
    await room.reserve(await openLecture(3), "u1"),
    await room.reserve(await openLecture(3), "u2"),
  ];
  await removePendingNodes(room.zooKeeper, [early, absurd]);
  await claimedAgo(early, -15 * 60_000);
  await claimedAgo(absurd, -15 * 60_000);
  await room.redis.hset(redisKeys.claims(absurd.lectureId), {
    [absurd.userId]: `h:${10 * LATEST_MS}:${absurd.rid}`,
  });
  await sweepDue(newMemory());
  await untilConfirmed(early);
  await untilConfirmed(absurd);
});

test("a claim that no command can be made of keeps no other from being queued again", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  const { lectureId } = command;
  await removePendingNodes(room.zooKeeper, [command]);
  await room.redis.hset(redisKeys.claims(lectureId), {
    stranger: "what is this",
    other: `h:1:${lectureId}-x`,
  });
  await room.redis.zadd(
    redisKeys.held(lectureId),
    { score: 1, member: "stranger" },
    { score: 1, member: "other" },
  );
  await claimedAgo(command, 10_000);
  const events: unknown[] = [];
  const log = pino({}, { write: (line: string) => void events.push(JSON.parse(line)) });
  const memory = newMemory();
  try {
    for (let round = 0; round < 3; round += 1) await sweepDue(memory, { ...deps, log });
    await untilConfirmed(command);
  } finally {
    await room.redis.hdel(redisKeys.claims(lectureId), "stranger", "other");
    await room.redis.zrem(redisKeys.held(lectureId), "stranger", "other");
  }
  const told = events as { event: string; lectures?: string[] }[];
  const ofLecture = told.filter(
    ({ event, lectures }) => event === "claim_unreadable" && lectures?.includes(lectureId),
  );
  expect(ofLecture).toHaveLength(1);
});

test("a command that is queued again a second time has somebody look for queues that nobody consumes", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  await claimedAgo(command, 10_000);
  let strayed = 0;
  const lost: SweeperDeps = {
    ...deps,
    publisher: { publish: async () => "queued" },
    onStrayed: () => {
      strayed += 1;
    },
  };
  const memory = newMemory();
  await sweep(lost, memory);
  expect(strayed).toBe(0);
  monotonicMs += 11_000;
  await sweep(lost, memory);
  expect(strayed).toBeGreaterThan(0);
  await handleBatch(room.deps, deliveriesOf([command]));
});
