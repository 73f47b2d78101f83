import { afterAll, expect, test } from "bun:test";
import { pendingPaths } from "../contract/names.ts";
import { privateZooKeeper } from "../test/private/private-zookeeper.ts";
import {
  cancelOf,
  connectedSession,
  openTestSession,
  reserveOf,
} from "../test/rooms/zookeeper-session.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import { createPendingNodes } from "./create.ts";
import { findPending, listPending } from "./read.ts";
import type { ZooKeeperSession } from "./session.ts";
import { ZooKeeperError } from "./zookeeper-error.ts";

const session = await openTestSession();

afterAll(() => session.close());

const kindOf = (error: unknown) => (error instanceof ZooKeeperError ? error.kind : error);

test("a created node holds the command itself", async () => {
  const create = createPendingNodes(session);
  const reserve = reserveOf(randomLectureId());
  expect(await create(reserve)).toBe("created");
  expect(await findPending(session, reserve.rid)).toEqual(reserve);
});

test("a repeated rid is as good as created and keeps the first command", async () => {
  const create = createPendingNodes(session);
  const reserve = reserveOf(randomLectureId());
  await create(reserve);
  expect(await create({ ...reserve, claimedAtMs: 1 })).toBe("exists");
  expect(await findPending(session, reserve.rid)).toEqual(reserve);
});

test("a cancel has a node of its own beside the reserve", async () => {
  const create = createPendingNodes(session);
  const reserve = reserveOf(randomLectureId());
  expect(await Promise.all([create(reserve), create(cancelOf(reserve))])).toEqual([
    "created",
    "created",
  ]);
  expect(await listPending(session, reserve.lectureId)).toHaveLength(2);
});

test("concurrent callers share multis of at most the batch size; none lacks a parent", async () => {
  const multis: [size: number, outcome: string][] = [];
  const counted: ZooKeeperSession = {
    ...session,
    async createAll(nodes) {
      const outcome = await session.createAll(nodes);
      multis.push([nodes.length, outcome]);
      return outcome;
    },
  };
  const create = createPendingNodes(counted);
  const lectureId = randomLectureId();
  const commands = Array.from({ length: 950 }, () => reserveOf(lectureId));
  const outcomes = await Promise.all(commands.map(create));
  expect(new Set(outcomes)).toEqual(new Set(["created"]));
  expect(multis.toSorted(([one], [other]) => other - one)).toEqual([
    ...Array(9).fill([100, "created"]),
    [50, "created"],
  ]);
  expect(await listPending(session, lectureId)).toHaveLength(950);
});

test("callers during a multi share the next one, and full multis go side by side", async () => {
  const inFlight: { size: number; answer: () => void }[] = [];
  const held: ZooKeeperSession = {
    ...session,
    async createAll(nodes) {
      await new Promise<void>((resolve) => inFlight.push({ size: nodes.length, answer: resolve }));
      return session.createAll(nodes);
    },
  };
  const create = createPendingNodes(held, { maxBatch: 10, maxBatchesInFlight: 2 });
  const lectureId = randomLectureId();
  const one = () => create(reserveOf(lectureId));
  const sizes = () => inFlight.map(({ size }) => size);
  const created = [one()];
  await eventually("a multi is in flight", async () => inFlight.length === 1);
  for (let late = 0; late < 9; late += 1) {
    created.push(one());
    await Bun.sleep(0);
  }
  expect(sizes()).toEqual([1]);
  created.push(one());
  await eventually("a full one goes beside it", async () => inFlight.length === 2);
  created.push(one());
  for (const { answer } of inFlight) answer();
  await eventually("the last one goes", async () => inFlight.length === 3);
  expect(sizes()).toEqual([1, 10, 1]);
  inFlight[2]?.answer();
  expect(new Set(await Promise.all(created))).toEqual(new Set(["created"]));
});

test("a duplicate in a multi harms none of its neighbours", async () => {
  const create = createPendingNodes(session);
  const lectureId = randomLectureId();
  const [known, ...fresh] = Array.from({ length: 60 }, () => reserveOf(lectureId));
  if (!known) throw new Error("no command");
  await create(known);
  const outcomes = await Promise.all(
    [...fresh.slice(0, 30), known, ...fresh.slice(30)].map(create),
  );
  expect(outcomes.filter((outcome) => outcome === "exists")).toHaveLength(1);
  expect(outcomes[30]).toBe("exists");
  expect(await listPending(session, lectureId)).toHaveLength(60);
});

test("the same rid from many callers at once is created once", async () => {
  const create = createPendingNodes(session);
  const reserve = reserveOf(randomLectureId());
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => create(reserve)));
  expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === "exists")).toHaveLength(49);
});

test("a shard that was removed after being seen is created again", async () => {
  const own = await openTestSession();
  const create = createPendingNodes(own);
  const reserve = reserveOf(randomLectureId());
  await create(reserve);
  await own.remove(pendingPaths.node(reserve.rid, "reserve"));
  await own.remove(pendingPaths.shardOf(reserve.rid));
  expect(await create(reserve)).toBe("created");
  await own.close();
});

test("one caller over the cap is refused as busy, and the others are served", async () => {
  const create = createPendingNodes(session, { maxWaiting: 5 });
  const lectureId = randomLectureId();
  const calls = Array.from({ length: 8 }, () => create(reserveOf(lectureId)).catch(kindOf));
  expect(await Promise.all(calls)).toEqual([...Array(5).fill("created"), ...Array(3).fill("busy")]);
});

test("a lost server leaves callers unknown or unsent; creating works again later", async () => {
  await using own = await privateZooKeeper();
  await own.start();
  const cutOff = await connectedSession(own.address);
  try {
    const create = createPendingNodes(cutOff);
    const lectureId = randomLectureId();
    await create(reserveOf(lectureId));
    own.freeze();
    const calls = Array.from({ length: 900 }, () => create(reserveOf(lectureId)).catch(kindOf));
    await own.kill();
    const outcomes = new Set(await Promise.all(calls));
    expect(outcomes).toEqual(new Set(["unknown", "unavailable"]));
    await own.start();
    await eventually("connected again", async () => cutOff.connected());
    expect(await create(reserveOf(lectureId))).toBe("created");
  } finally {
    await cutOff.close();
  }
});
