import { afterAll, expect, test } from "bun:test";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { readAvailability } from "../admission/availability.ts";
import { claim, claimScript } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import { isOpen, openAfter } from "../admission/opening.ts";
import { openRedis } from "../admission/redis.ts";
import { redisKeys } from "../contract/names.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { watchCrashPoints } from "../runtime/crash-points/crash-point.ts";
import { startPrivateRedis } from "../test/private/private-redis.ts";
import { startTestFront, TOKEN } from "../test/private/redis-front.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { eventually } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import { loadMissing } from "./load.ts";

const server = await startPrivateRedis();
const front = await startTestFront({ redisUrl: server.url });
const redis = openRedis({ url: front.url, token: TOKEN, timeoutMs: 5_000 });
const room = await openWorkerRoom({ redis });
const { deps, reserve } = room;

afterAll(async () => {
  await room.close();
  await front.close();
  await server.remove();
});

async function openLecture(capacity = 9): Promise<string> {
  const lectureId = await room.publishLecture(capacity);
  await loadMissing(deps);
  return lectureId;
}

/** Kills Redis, runs `meanwhile` on its files, and starts Redis again. */
async function restart(meanwhile = async () => {}): Promise<void> {
  await server.kill();
  await meanwhile();
  await server.start();
  await eventually("the front has found Redis again", async () => {
    return await redis.exists("anything").then(
      () => true,
      () => false,
    );
  });
}

const data = join(server.directory, "appendonlydir");
const kept = join(server.directory, "kept");

test("a Redis restarted with all its data admits nobody before it is compared", async () => {
  const lectureId = await openLecture();
  const confirmed = await reserve(lectureId, "u1");
  await handleBatch(deps, deliveriesOf([confirmed]));
  const neverQueued = await reserve(lectureId, "u2");
  await removePendingNodes(room.zooKeeper, [neverQueued]);

  await restart();
  expect((await claim(redis, confirmed)).outcome).toBe("not_ready");
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
  await loadMissing(deps);

  expect(await claim(redis, confirmed)).toMatchObject({ outcome: "repeated", state: "confirmed" });
  expect(await claim(redis, neverQueued)).toMatchObject({ outcome: "repeated", state: "held" });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 7 });
});

test("an emptied Redis gets its claims back from decisions and pending nodes", async () => {
  const lectureId = await openLecture();
  const [confirmed, given] = [await reserve(lectureId, "u1"), await reserve(lectureId, "u2")];
  await handleBatch(deps, deliveriesOf([confirmed, given, await room.cancel(given)]));
  const undecided = await reserve(lectureId, "u3");

  await restart(() => rm(data, { recursive: true }));
  expect((await claim(redis, undecided)).outcome).toBe("not_ready");
  await loadMissing(deps);

  expect(await claim(redis, confirmed)).toMatchObject({ outcome: "repeated", state: "confirmed" });
  expect(await claim(redis, undecided)).toMatchObject({ outcome: "repeated", state: "held" });
  expect(await claim(redis, given)).toMatchObject({ outcome: "repeated", state: "cancelled" });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 7 });
});

test("a Redis set back forgets seats cancelled since and learns decisions since", async () => {
  const lectureId = await openLecture();
  const [stays, goes] = [await reserve(lectureId, "u1"), await reserve(lectureId, "u2")];
  const decidedLater = await reserve(lectureId, "u3");
  const rejectedLater = await reserve(lectureId, "u4");
  await handleBatch(deps, deliveriesOf([stays, goes]));
  await cp(data, kept, { recursive: true });

  await handleBatch(
    deps,
    deliveriesOf([await room.cancel(goes), decidedLater, await room.cancel(rejectedLater)]),
  );
  const comesLater = await reserve(lectureId, "u5");
  await handleBatch(deps, deliveriesOf([comesLater]));
  await restart(async () => {
    await rm(data, { recursive: true });
    await cp(kept, data, { recursive: true });
  });
  expect((await claim(redis, comesLater)).outcome).toBe("not_ready");
  await loadMissing(deps);

  const stateOf = async (command: typeof stays) => (await findClaim(redis, command))?.state;
  expect(
    await Promise.all([stays, goes, decidedLater, rejectedLater, comesLater].map(stateOf)),
  ).toEqual(["confirmed", undefined, "confirmed", undefined, "confirmed"]);
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 6 });
});

test("a Redis set back learns of a cancel and a new booking, in either order", async () => {
  const lectureId = await openLecture(20);
  const users = Array.from({ length: 10 }, (_, index) => `u${index}`);
  const first = await Promise.all(users.map((user) => reserve(lectureId, user, "first")));
  await handleBatch(deps, deliveriesOf(first));
  await rm(kept, { recursive: true, force: true });
  await cp(data, kept, { recursive: true });

  await handleBatch(deps, deliveriesOf(await Promise.all(first.map(room.cancel))));
  for (const user of users) await redis.del(redisKeys.throttle(lectureId, user));
  const second = await Promise.all(users.map((user) => reserve(lectureId, user, "second")));
  await handleBatch(deps, deliveriesOf(second));
  await restart(async () => {
    await rm(data, { recursive: true });
    await cp(kept, data, { recursive: true });
  });
  await loadMissing(deps);

  const claims = await Promise.all(second.map((command) => findClaim(redis, command)));
  expect(claims.map((claim) => claim && [claim.rid, claim.state])).toEqual(
    second.map(({ rid }) => [rid, "confirmed"]),
  );
});

test("a worker that does not lead leaves admission closed", async () => {
  const lectureId = await openLecture();
  await restart();
  await loadMissing({ ...deps, leads: () => false });
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
  await loadMissing(deps);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 9 });
});

test("admission stays closed when Redis restarts again while it is being loaded", async () => {
  const lectureId = await openLecture();
  const load = async () => {
    await restart();
    return true;
  };
  expect(await openAfter(redis, load)).toBe(false);
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
  await loadMissing(deps);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 9 });
});

test("a lecture that cannot be loaded does not keep admission closed for the others", async () => {
  const [broken, fine] = [await openLecture(), await openLecture()];
  await redis.del(redisKeys.claims(broken));
  await redis.set(redisKeys.claims(broken), "not what it should be");
  await restart();
  await loadMissing(deps);
  expect(await readAvailability(redis, fine)).toMatchObject({ remaining: 9 });
  expect(await readAvailability(redis, broken)).toBeUndefined();
});

/** A client whose Redis restarts right before the claim script is loaded and admission opens. */
function restartingBeforeTheClaim(): typeof redis {
  const restarting = Object.create(redis) as typeof redis;
  restarting.scriptLoad = async (source) => {
    if (source === claimScript.source) await restart();
    return await redis.scriptLoad(source);
  };
  return restarting;
}

test("admission is closed again when Redis restarted right before it was opened", async () => {
  const lectureId = await openLecture();
  await redis.scriptFlush();
  expect(await openAfter(restartingBeforeTheClaim(), async () => true)).toBe(false);
  expect(await isOpen(redis)).toBe(false);
  expect((await claim(redis, { lectureId, userId: "u1", rid: "1-0" })).outcome).toBe("not_ready");
  await loadMissing(deps);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 9 });
});

/** A loader that gives Redis the scripts that admit, and dies before it looks again. */
async function openAndDie(): Promise<void> {
  watchCrashPoints((point) => {
    if (point === "loader.admitting") throw new Error("the loader dies");
  });
  await openAfter(redis, async () => true).catch(() => {});
  watchCrashPoints(() => {});
}

test("a loader that died before its second look leaves all to be loaded again", async () => {
  const lectureId = await openLecture();
  await redis.scriptFlush();
  await openAndDie();
  expect(await isOpen(redis)).toBe(false);
  await loadMissing(deps);
  expect(await isOpen(redis)).toBe(true);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 9 });
});

test("a record of the look that comes late opens no Redis that restarted since", async () => {
  const lectureId = await openLecture();
  await redis.scriptFlush();
  const late = Object.create(redis) as typeof redis;
  late.scriptLoad = async (source) => {
    if (source.includes("admission is open")) {
      await restart();
      await openAndDie();
    }
    return await redis.scriptLoad(source);
  };
  await openAfter(late, async () => true);
  expect(await isOpen(redis)).toBe(false);
  await loadMissing(deps);
  expect(await isOpen(redis)).toBe(true);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 9 });
});
