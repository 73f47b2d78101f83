import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { listedClaims, loadLecture } from "../test/load-lecture.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { claim } from "./claim.ts";
import { findClaim } from "./find-claim.ts";
import type { LoadedLecture } from "./load.ts";
import { openAdmission } from "./opening.ts";
import { settle } from "./settle.ts";

const redis = openTestRedis();
await openAdmission(redis);

async function load(change: Partial<LoadedLecture> = {}): Promise<string> {
  const lectureId = randomLectureId();
  const window = { opensAtMs: Date.now() - 60_000, closesAtMs: Date.now() + 60_000 };
  await loadLecture(
    redis,
    { lectureId, ...window, capacity: 10, cancelled: false, ...change },
    listedClaims(),
  );
  return lectureId;
}

async function press(lectureId: string, userId: string, key: string) {
  return await claim(redis, { lectureId, userId, rid: ridOf(lectureId, userId, key) });
}

const FINGERPRINTS = `
  local prints = {}
  for at, key in ipairs(KEYS) do
    local dump = redis.call("DUMP", key)
    prints[at] = dump and redis.sha1hex(dump) or "none"
  end
  return prints`;

/** A fingerprint of every key of a lecture: equal fingerprints show that nothing changed. */
async function contents(lectureId: string): Promise<unknown> {
  const names = ["lecture", "claims", "held", "released"] as const;
  const keys = names.map((name) => redisKeys[name](lectureId));
  return await redis.eval(FINGERPRINTS, [...keys, redisKeys.throttle(lectureId, "u1")], []);
}

test("a claim gives its rid and Redis' time; the same rid again gives its state", async () => {
  const lectureId = await load();
  const rid = ridOf(lectureId, "u1", "one");
  const claimed = await press(lectureId, "u1", "one");
  const claimedAtMs = (await findClaim(redis, { lectureId, userId: "u1" }))?.claimedAtMs;
  expect(claimed).toEqual({ outcome: "claimed", rid, claimedAtMs: claimedAtMs ?? Number.NaN });
  const again = await press(lectureId, "u1", "one");
  expect(again).toEqual({ outcome: "repeated", rid, state: "held" });
});

test("2,000 concurrent claims for 100 seats give exactly 100 seats to 100 users", async () => {
  const lectureId = await load({ capacity: 100 });
  const answers = await Promise.all(
    Array.from({ length: 2_000 }, (_, user) => press(lectureId, `u${user}`, "one")),
  );
  const outcomes = Map.groupBy(answers, (answer) => answer.outcome);
  expect(outcomes.get("claimed")).toHaveLength(100);
  expect(outcomes.get("sold_out")).toHaveLength(1_900);
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(100);
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(100);
});

test("the same rid fifty times claims one seat and answers with its own rid", async () => {
  const lectureId = await load();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => press(lectureId, "u1", "again")),
  );
  const outcomes = Map.groupBy(answers, (answer) => answer.outcome);
  expect(outcomes.get("claimed")).toHaveLength(1);
  expect(outcomes.get("repeated")).toHaveLength(49);
  expect(new Set(answers.map((answer) => ("rid" in answer ? answer.rid : undefined))).size).toBe(1);
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(1);
});

test("a user who holds a seat gets that seat's rid, even within the throttle", async () => {
  const lectureId = await load();
  await press(lectureId, "u1", "first");
  const rid = ridOf(lectureId, "u1", "first");
  expect(await press(lectureId, "u1", "second")).toEqual({
    outcome: "already_reserved",
    rid,
    state: "held",
  });
});

test("an early claim starts no throttle, and the first one after the opening claims", async () => {
  const lectureId = await load({ opensAtMs: Date.now() + 400 });
  const early = await press(lectureId, "u1", "early");
  expect(early.outcome).toBe("not_open");
  expect((early as { opensInMs: number }).opensInMs).toBeWithin(1, 401);
  let answer = early;
  while (answer.outcome === "not_open") answer = await press(lectureId, "u1", "early");
  expect(answer.outcome).toBe("claimed");
});

test("the window includes the millisecond it opens and excludes the one it closes", async () => {
  const [seconds, micros] = (await redis.time()) as unknown as [string, string];
  const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  const opened = await load({ opensAtMs: nowMs });
  const closed = await load({ closesAtMs: nowMs });
  expect((await press(opened, "u1", "a")).outcome).toBe("claimed");
  expect((await press(closed, "u1", "a")).outcome).toBe("closed");
});

test("a cancelled lecture takes no claim", async () => {
  const lectureId = await load({ cancelled: true });
  expect((await press(lectureId, "u1", "a")).outcome).toBe("cancelled");
});

test("a lecture of no seats is sold out", async () => {
  const lectureId = await load({ capacity: 0 });
  expect((await press(lectureId, "u1", "a")).outcome).toBe("sold_out");
});

test("a lecture that is not loaded is not ready, and nothing is written for it", async () => {
  const lectureId = randomLectureId();
  expect(await press(lectureId, "u1", "a")).toEqual({ outcome: "not_ready" });
  expect(await redis.exists(redisKeys.lecture(lectureId), redisKeys.claims(lectureId))).toBe(0);
});

test.each(["capacity", "opensAtMs", "closesAtMs", "ready"])(
  "a lecture without its %s is not ready",
  async (field) => {
    const lectureId = await load();
    await redis.hdel(redisKeys.lecture(lectureId), field);
    expect((await press(lectureId, "u1", "a")).outcome).toBe("not_ready");
  },
);

test("a capacity that is not a number is not ready", async () => {
  const lectureId = await load();
  await redis.hset(redisKeys.lecture(lectureId), { capacity: "many" });
  expect((await press(lectureId, "u1", "a")).outcome).toBe("not_ready");
});

test.each(["lecture", "claims", "held", "released"] as const)(
  "a %s key of a wrong type is an error that changes nothing",
  async (name) => {
    const lectureId = await load();
    await redis.set(redisKeys[name](lectureId), "not what it should be");
    const before = await contents(lectureId);
    await expect(press(lectureId, "u1", "a")).rejects.toThrow("WRONGTYPE");
    expect(await contents(lectureId)).toEqual(before);
  },
);

test("after a cancel the user claims under a new rid once the throttle ends", async () => {
  const lectureId = await load();
  await press(lectureId, "u1", "first");
  const rid = ridOf(lectureId, "u1", "first");
  await settle(redis, lectureId, [{ userId: "u1", rid, status: "cancelled", claimedAtMs: 1 }]);
  const early = await press(lectureId, "u1", "second");
  expect(early.outcome).toBe("throttled");
  expect((early as { retryAfterMs: number }).retryAfterMs).toBeWithin(1, 10_001);
  await redis.del(redisKeys.throttle(lectureId, "u1"));
  expect((await press(lectureId, "u1", "second")).outcome).toBe("claimed");
});

test("a released rid is never claimed again, however often it is tried", async () => {
  const lectureId = await load();
  await press(lectureId, "u1", "first");
  const rid = ridOf(lectureId, "u1", "first");
  await settle(redis, lectureId, [{ userId: "u1", rid, status: "rejected", claimedAtMs: 1 }]);
  await redis.del(redisKeys.throttle(lectureId, "u1"));
  expect(await press(lectureId, "u1", "first")).toEqual({
    outcome: "repeated",
    rid,
    state: "rejected",
  });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toBeUndefined();
});

test("an attempt on a sold-out lecture starts the throttle", async () => {
  const lectureId = await load({ capacity: 1 });
  await press(lectureId, "u1", "a");
  expect((await press(lectureId, "u2", "a")).outcome).toBe("sold_out");
  const rid = ridOf(lectureId, "u1", "a");
  await settle(redis, lectureId, [{ userId: "u1", rid, status: "cancelled", claimedAtMs: 1 }]);
  expect((await press(lectureId, "u2", "b")).outcome).toBe("throttled");
});

test("a repeated rid does not start the throttle again", async () => {
  const lectureId = await load();
  await press(lectureId, "u1", "a");
  await redis.del(redisKeys.throttle(lectureId, "u1"));
  await press(lectureId, "u1", "a");
  expect(await redis.exists(redisKeys.throttle(lectureId, "u1"))).toBe(0);
});

test("a released rid gets its own end, also for a user who holds a newer seat", async () => {
  const lectureId = await load();
  await press(lectureId, "u1", "first");
  const rid = ridOf(lectureId, "u1", "first");
  await settle(redis, lectureId, [{ userId: "u1", rid, status: "cancelled", claimedAtMs: 1 }]);
  await redis.del(redisKeys.throttle(lectureId, "u1"));
  await press(lectureId, "u1", "second");
  expect(await press(lectureId, "u1", "first")).toEqual({
    outcome: "repeated",
    rid,
    state: "cancelled",
  });
});

test("an unpublished lecture admits nobody, and tells earlier claims how they ended", async () => {
  const lectureId = await load();
  const [held, gone] = [ridOf(lectureId, "u1", "one"), ridOf(lectureId, "u2", "one")];
  await press(lectureId, "u1", "one");
  await press(lectureId, "u2", "one");
  await settle(redis, lectureId, [
    { userId: "u2", rid: gone, status: "cancelled", claimedAtMs: 1 },
  ]);
  await redis.hset(redisKeys.lecture(lectureId), { closesAtMs: "0" });
  const before = await contents(lectureId);
  expect(await press(lectureId, "u1", "one")).toMatchObject({ outcome: "repeated", rid: held });
  expect(await press(lectureId, "u2", "one")).toMatchObject({ state: "cancelled", rid: gone });
  expect((await press(lectureId, "u2", "two")).outcome).toBe("not_ready");
  expect((await press(lectureId, "u3", "one")).outcome).toBe("not_ready");
  expect(await contents(lectureId)).toEqual(before);
});
