import { afterAll, beforeAll, expect, test } from "bun:test";
import { findClaim } from "../admission/find-claim.ts";
import type { ReserveCommand } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import { createPendingNodes } from "../pending/create.ts";
import { isPending } from "../pending/read.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { openConsumer } from "../queue/consumer.ts";
import { openPublisher } from "../queue/publisher.ts";
import { addressOf, eventually } from "../test/servers.ts";
import { deliveriesOf, openWorkerRoom } from "../test/worker-room.ts";
import { handleBatch } from "./batch.ts";
import type { SweeperDeps } from "./deps.ts";
import { loadMissing } from "./load.ts";
import { newMemory, type SweepMemory, sweep } from "./sweep.ts";

const room = await openWorkerRoom();
// As many partitions as any test declares: a command may be routed to each queue that was ever bound.
const broker = { url: addressOf("RABBITMQ_URL"), partitions: 8 };
const publisher = openPublisher({ ...broker, maxInFlight: 1_000, confirmTimeoutMs: 5_000 });
const consumer = openConsumer({
  ...broker,
  prefetch: 100,
  maxBatch: 50,
  drainTimeoutMs: 5_000,
  handle: (deliveries) => handleBatch(room.deps, deliveries),
});
let clockMs = Date.now();
const deps: SweeperDeps = {
  ...room.deps,
  createPendingNode: createPendingNodes(room.zooKeeper),
  publisher,
  leads: () => true,
  now: () => clockMs,
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

/** The clock of the sweeper after everything of now has become overdue. */
function later(): void {
  clockMs = Date.now() + 60_000;
}

/** Sweeps until nothing overdue is left, since other tests leave things behind too. */
async function sweepAll(memory: SweepMemory): Promise<void> {
  later();
  while ((await sweep(deps, memory)) > 0);
}

async function untilConfirmed(command: ReserveCommand): Promise<void> {
  await eventually("the claim is confirmed and no longer pending", async () => {
    const claim = await findClaim(room.redis, command);
    return claim?.state === "confirmed" && !(await isPending(room.zooKeeper, command.rid));
  });
}

test("a held claim whose command was never queued is queued again under its own rid, and confirmed", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  later();
  expect(await sweep(deps, newMemory())).toBeGreaterThan(0);
  await untilConfirmed(command);
  expect(await findClaim(room.redis, command)).toMatchObject({ rid: command.rid });
});

test("a claim that is not overdue is left alone", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  clockMs = Date.now();
  await sweep(deps, newMemory());
  expect(await findClaim(room.redis, command)).toMatchObject({ state: "held" });
  await handleBatch(room.deps, deliveriesOf([command]));
});

test("a pending node left behind by a settled reservation goes", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await handleBatch(room.deps, deliveriesOf([command]));
  await deps.createPendingNode(command);
  const memory = newMemory();
  clockMs = Date.now();
  await sweep(deps, memory);
  expect(await isPending(room.zooKeeper, command.rid)).toBe(true);
  await sweepAll(memory);
  await untilConfirmed(command);
});

test("a cancel whose message was lost is carried out from its pending node", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await handleBatch(room.deps, deliveriesOf([command]));
  await room.cancel(command);
  const memory = newMemory();
  clockMs = Date.now();
  await sweep(deps, memory);
  await sweepAll(memory);
  await eventually("the seat is given back", async () => !(await findClaim(room.redis, command)));
  await eventually("nothing is pending", async () => !(await isPending(room.zooKeeper, command.rid)));
});

test("a pending node that holds no command is removed", async () => {
  const lectureId = await openLecture(1);
  const path = pendingPaths.node(`${lectureId}-${"0".repeat(30)}ab`, "reserve");
  await room.zooKeeper.create(pendingPaths.root);
  await room.zooKeeper.create(path.slice(0, path.lastIndexOf("/")));
  await room.zooKeeper.create(path, Buffer.from("{"));
  const memory = newMemory();
  clockMs = Date.now();
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
  later();
  for (let round = 0; round < 5; round++) await sweep(counting, memory);
  expect(published.filter((rid) => rid === command.rid)).toHaveLength(1);
  clockMs += 11_000;
  await sweep(counting, memory);
  expect(published.filter((rid) => rid === command.rid)).toHaveLength(2);
  await handleBatch(room.deps, deliveriesOf([command]));
});

test("what the broker did not take comes soon after the broker is back, however long it was away", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  const memory = newMemory();
  later();
  const away: SweeperDeps = { ...deps, publisher: { publish: async () => "unavailable" } };
  for (let round = 0; round < 20; round++) {
    await sweep(away, memory);
    clockMs += 2_000;
  }
  await sweep(deps, memory);
  await untilConfirmed(command);
});

test("a worker that no longer leads queues nothing", async () => {
  const command = await room.reserve(await openLecture(3), "u1");
  await removePendingNodes(room.zooKeeper, [command]);
  later();
  expect(await sweep({ ...deps, leads: () => false }, newMemory())).toBe(0);
  expect(await findClaim(room.redis, command)).toMatchObject({ state: "held" });
  expect(await isPending(room.zooKeeper, command.rid)).toBe(false);
  await handleBatch(room.deps, deliveriesOf([command]));
});
