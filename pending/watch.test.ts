import { afterAll, afterEach, expect, test } from "bun:test";
import { privateZooKeeper } from "../test/private/private-zookeeper.ts";
import {
  cancelOf,
  connectedSession,
  openTestSession,
  reserveOf,
} from "../test/rooms/zookeeper-session.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import { createPendingNodes } from "./create.ts";
import { removePendingNodes } from "./remove.ts";
import type { ZooKeeperSession } from "./session.ts";
import { pendingWatches } from "./watch.ts";

const session = await openTestSession();
const create = createPendingNodes(session);
const opened: ReturnType<typeof pendingWatches>[] = [];
const LONG = { timeoutMs: 60_000 };

afterEach(() => {
  for (const watches of opened.splice(0)) watches.close();
});
afterAll(() => session.close());

function watching(maxWatches = 100, maxWaiters = 1_000, on = session) {
  const watches = pendingWatches(on, { maxWatches, maxWaiters });
  opened.push(watches);
  return watches;
}

/** A session that counts its answered reads; each read that finds its node leaves one watch. */
function countingReads(on = session): { counted: ZooKeeperSession; reads: () => number } {
  let reads = 0;
  const read: ZooKeeperSession["read"] = async (path, onChange) => {
    const node = await on.read(path, onChange);
    reads += 1;
    return node;
  };
  return { counted: { ...on, read }, reads: () => reads };
}

test("a rid without nodes is gone at once, and its slot is free", async () => {
  const watches = watching();
  expect(await watches.untilGone(reserveOf(randomLectureId()).rid, LONG)).toBe("gone");
  expect(watches.counts()).toEqual({ watches: 0, waiters: 0 });
});

test("the removal of the node wakes the waiter", async () => {
  const reserve = reserveOf(randomLectureId());
  await create(reserve);
  const watches = watching();
  const outcome = watches.untilGone(reserve.rid, LONG);
  await removePendingNodes(session, [reserve]);
  expect(await outcome).toBe("gone");
  expect(watches.counts()).toEqual({ watches: 0, waiters: 0 });
});

test("a rid is not gone before its cancel node is gone too", async () => {
  const reserve = reserveOf(randomLectureId());
  const cancel = cancelOf(reserve);
  await Promise.all([create(reserve), create(cancel)]);
  const { counted, reads } = countingReads();
  const watches = watching(100, 100, counted);
  const outcome = watches.untilGone(reserve.rid, LONG);
  await eventually("the reserve node is watched", async () => reads() >= 1);
  await removePendingNodes(session, [reserve]);
  await eventually("both nodes were read again", async () => reads() >= 3);
  expect(watches.counts()).toEqual({ watches: 1, waiters: 1 });
  await removePendingNodes(session, [cancel]);
  expect(await outcome).toBe("gone");
});

test("waiters of one rid share one watch and all wake", async () => {
  const reserve = reserveOf(randomLectureId());
  await create(reserve);
  const { counted, reads } = countingReads();
  const watches = watching(1, 100, counted);
  const outcomes = Array.from({ length: 20 }, () => watches.untilGone(reserve.rid, LONG));
  await eventually("the node is watched", async () => reads() === 1);
  expect(watches.counts()).toEqual({ watches: 1, waiters: 20 });
  await removePendingNodes(session, [reserve]);
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["gone"]));
  expect(reads()).toBe(3);
});

test("a caller who gives up is let go; the watch keeps its slot and serves the next", async () => {
  const [first, second] = [reserveOf(randomLectureId()), reserveOf(randomLectureId())];
  await Promise.all([create(first), create(second)]);
  const { counted, reads } = countingReads();
  const watches = watching(1, 100, counted);
  const abort = new AbortController();
  const aborted = watches.untilGone(first.rid, { ...LONG, signal: abort.signal });
  expect(await watches.untilGone(first.rid, { timeoutMs: 100 })).toBe("timeout");
  abort.abort();
  expect(await aborted).toBe("timeout");
  expect(await watches.untilGone(first.rid, { ...LONG, signal: abort.signal })).toBe("timeout");
  expect(watches.counts()).toEqual({ watches: 1, waiters: 0 });
  expect(await watches.untilGone(second.rid, LONG)).toBe("full");

  const outcome = watches.untilGone(first.rid, LONG);
  await removePendingNodes(session, [first]);
  expect(await outcome).toBe("gone");
  expect(reads()).toBe(3);
  expect(watches.counts()).toEqual({ watches: 0, waiters: 0 });
});

test("the slot of an abandoned watch is free once it fired", async () => {
  const reserve = reserveOf(randomLectureId());
  await create(reserve);
  const watches = watching(1);
  expect(await watches.untilGone(reserve.rid, { timeoutMs: 50 })).toBe("timeout");
  await removePendingNodes(session, [reserve]);
  await eventually("the slot is free", async () => watches.counts().watches === 0);
});

test("a waiter over the cap gets `full` at once", async () => {
  const reserve = reserveOf(randomLectureId());
  await create(reserve);
  const watches = watching(10, 2);
  const waiting = [watches.untilGone(reserve.rid, LONG), watches.untilGone(reserve.rid, LONG)];
  expect(await watches.untilGone(reserve.rid, LONG)).toBe("full");
  watches.close();
  expect(await Promise.all(waiting)).toEqual(["timeout", "timeout"]);
  expect(await watches.untilGone(reserve.rid, LONG)).toBe("full");
});

test("two thousand decisions at once wake two thousand waiters", async () => {
  const lectureId = randomLectureId();
  const commands = Array.from({ length: 2_000 }, () => reserveOf(lectureId));
  await Promise.all(commands.map(create));
  const watches = watching(2_000, 2_000);
  const outcomes = commands.map(({ rid }) => watches.untilGone(rid, LONG));
  await removePendingNodes(session, commands);
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["gone"]));
});

test("a session too busy to read delays its waiters and loses none", async () => {
  const narrow = await openTestSession(4);
  const watches = watching(200, 200, narrow);
  const outcomes = Array.from({ length: 100 }, () =>
    watches.untilGone(reserveOf(randomLectureId()).rid, LONG),
  );
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["gone"]));
  await narrow.close();
});

test("a watch misses no decision after a cut session; abandoned watches are let go", async () => {
  await using own = await privateZooKeeper();
  await own.start();
  const cutOff = await connectedSession(own.address);
  const { counted, reads } = countingReads(cutOff);
  const watches = watching(100, 100, counted);
  try {
    const createThere = createPendingNodes(cutOff);
    const lectureId = randomLectureId();
    const [during, after, abandoned] = [
      reserveOf(lectureId),
      reserveOf(lectureId),
      reserveOf(lectureId),
    ];
    await Promise.all([during, after, abandoned].map(createThere));
    const outcomes = [watches.untilGone(during.rid, LONG), watches.untilGone(after.rid, LONG)];
    expect(await watches.untilGone(abandoned.rid, { timeoutMs: 50 })).toBe("timeout");
    await eventually("all three are watched", async () => reads() === 3);

    await own.kill();
    const elsewhere = await connectedSession(await own.start(true));
    await removePendingNodes(elsewhere, [during]);
    await elsewhere.close();
    expect(watches.counts()).toEqual({ watches: 3, waiters: 2 });
    await own.kill();
    await own.start();

    expect(await outcomes[0]).toBe("gone");
    expect(watches.counts()).toEqual({ watches: 1, waiters: 1 });
    await removePendingNodes(cutOff, [after]);
    expect(await outcomes[1]).toBe("gone");
  } finally {
    watches.close();
    await cutOff.close();
  }
});

test("a caller during a cut session waits for the session", async () => {
  await using own = await privateZooKeeper();
  await own.start();
  const cutOff = await connectedSession(own.address);
  const watches = watching(100, 100, cutOff);
  try {
    await own.kill();
    await eventually("the loss is noticed", async () => !cutOff.connected());
    const outcome = watches.untilGone(reserveOf(randomLectureId()).rid, LONG);
    await own.start();
    expect(await outcome).toBe("gone");
  } finally {
    watches.close();
    await cutOff.close();
  }
});
