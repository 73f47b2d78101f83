import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { readAvailability } from "./availability.ts";
import { claim } from "./claim.ts";
import { findClaim } from "./find-claim.ts";
import { findReady, type LoadedClaim, loadLecture } from "./load.ts";
import { openAdmission } from "./opening.ts";
import { settle } from "./settle.ts";

const redis = openTestRedis();
await openAdmission(redis);

function lectureOf(lectureId: string) {
  return {
    lectureId,
    opensAtMs: Date.now() - 1_000,
    closesAtMs: Date.now() + 60_000,
    capacity: 3,
    cancelled: false,
  };
}

test("while a lecture is being loaded it is not ready; afterwards its claims count", async () => {
  const lectureId = randomLectureId();
  const rid = ridOf(lectureId, "u9", "k");
  const during: string[] = [];
  async function* claims(): AsyncIterable<LoadedClaim[]> {
    during.push((await claim(redis, { lectureId, userId: "u9", rid })).outcome);
    yield [
      { userId: "u1", rid: ridOf(lectureId, "u1", "k"), state: "confirmed", claimedAtMs: 1 },
      { userId: "u2", rid: ridOf(lectureId, "u2", "k"), state: "held", claimedAtMs: 2 },
      { userId: "u3", rid: ridOf(lectureId, "u3", "k"), state: "rejected", claimedAtMs: 3 },
    ];
    during.push((await claim(redis, { lectureId, userId: "u9", rid })).outcome);
  }
  expect(await loadLecture(redis, lectureOf(lectureId), claims)).toBe(true);
  expect(during).toEqual(["not_ready", "not_ready"]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({
    state: "open",
    capacity: 3,
    remaining: 1,
  });
  expect(await findClaim(redis, { lectureId, userId: "u2" })).toMatchObject({ state: "held" });
  const rejected = await claim(redis, { lectureId, userId: "u3", rid: ridOf(lectureId, "u3", "k") });
  expect(rejected).toMatchObject({ outcome: "repeated", state: "rejected" });
});

test("loading a lecture that is ready changes nothing", async () => {
  const lectureId = randomLectureId();
  await loadLecture(redis, lectureOf(lectureId), async function* () {});
  await claim(redis, { lectureId, userId: "u1", rid: ridOf(lectureId, "u1", "k") });
  await loadLecture(redis, { ...lectureOf(lectureId), capacity: 100 }, async function* () {});
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 3, remaining: 2 });
});

test("a load that another one overtook stops and opens nothing", async () => {
  const lectureId = randomLectureId();
  const second = Promise.withResolvers<void>();
  const overtaken = loadLecture(redis, lectureOf(lectureId), async function* () {
    await second.promise;
    yield [{ userId: "u1", rid: ridOf(lectureId, "u1", "k"), state: "held", claimedAtMs: 1 }];
  });
  let duringSecond: boolean | undefined;
  await loadLecture(redis, lectureOf(lectureId), async function* () {
    second.resolve();
    duringSecond = await overtaken;
    yield [];
  });
  expect(duringSecond).toBe(false);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 3 });
});

test("a seat given back while its lecture is loaded is not taken again by what was read before", async () => {
  const lectureId = randomLectureId();
  const rid = ridOf(lectureId, "u1", "k");
  await loadLecture(redis, lectureOf(lectureId), async function* () {
    await settle(redis, lectureId, [{ userId: "u1", rid, status: "cancelled", claimedAtMs: 1 }]);
    yield [{ userId: "u1", rid, state: "confirmed", claimedAtMs: 1 }];
  });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toBeUndefined();
});

test("availability tells the part of the window by Redis' clock, and nothing of a lecture that is not loaded", async () => {
  const state = async (change: object) => {
    const lectureId = randomLectureId();
    await loadLecture(redis, { ...lectureOf(lectureId), ...change }, async function* () {});
    return (await readAvailability(redis, lectureId))?.state;
  };
  expect(await state({})).toBe("open");
  expect(await state({ opensAtMs: Date.now() + 50_000 })).toBe("upcoming");
  expect(await state({ closesAtMs: Date.now() - 500 })).toBe("closed");
  expect(await state({ capacity: 0 })).toBe("sold_out");
  expect(await state({ cancelled: true })).toBe("cancelled");
  expect(await readAvailability(redis, randomLectureId())).toBeUndefined();
});

test("the lectures that are ready are told from those that are not", async () => {
  const [loaded, missing] = [randomLectureId(), randomLectureId()];
  await loadLecture(redis, lectureOf(loaded), async function* () {});
  expect(await findReady(redis, [loaded, missing])).toEqual(new Set([loaded]));
  expect(await findReady(redis, [])).toEqual(new Set());
});

test.each(["before", "after"] as const)(
  "a confirmed seat is loaded although an older claim of its user, %s it in the order of the rids, was rejected",
  async (order) => {
    const lectureId = randomLectureId();
    const [old, confirmed] = [ridOf(lectureId, "u1", "old"), ridOf(lectureId, "u1", "new")];
    await loadLecture(redis, lectureOf(lectureId), async function* () {});
    await claim(redis, { lectureId, userId: "u1", rid: old });
    const decisions: LoadedClaim[] = [
      { userId: "u1", rid: old, state: "rejected", claimedAtMs: 1 },
      { userId: "u1", rid: confirmed, state: "confirmed", claimedAtMs: 2 },
    ];
    const pages = order === "before" ? decisions : decisions.reverse();
    await loadLecture(
      redis,
      lectureOf(lectureId),
      async function* () {
        for (const decision of pages) yield [decision];
      },
      { anew: true },
    );
    expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({ rid: confirmed });
    expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
    expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 2 });
  },
);

test("loading a confirmed seat leaves the held claim of another rid to its own decision", async () => {
  const lectureId = randomLectureId();
  const [held, confirmed] = [ridOf(lectureId, "u1", "held"), ridOf(lectureId, "u1", "confirmed")];
  await loadLecture(redis, lectureOf(lectureId), async function* () {});
  await claim(redis, { lectureId, userId: "u1", rid: held });
  await loadLecture(
    redis,
    lectureOf(lectureId),
    async function* () {
      yield [{ userId: "u1", rid: confirmed, state: "confirmed", claimedAtMs: 2 }];
    },
    { anew: true },
  );
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({ rid: held, state: "held" });
  expect(await redis.zrange(redisKeys.held(lectureId), 0, -1)).toEqual(["u1"]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 2 });
});

test("a load forgets what the one it overtook had noted down", async () => {
  const lectureId = randomLectureId();
  await redis.hset(redisKeys.lecture(lectureId), { ready: "0", "out:u1": "k:1:1-a" });
  await loadLecture(redis, lectureOf(lectureId), async function* () {});
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(0);
  expect(await redis.hexists(redisKeys.lecture(lectureId), "out:u1")).toBe(0);
});
