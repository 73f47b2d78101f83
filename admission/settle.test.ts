import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { listedClaims, loadLecture } from "../test/load-lecture.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { claim } from "./claim.ts";
import { findClaim } from "./find-claim.ts";
import { openAdmission } from "./opening.ts";
import { type Settlement, settle } from "./settle.ts";

const redis = openTestRedis();
await openAdmission(redis);

async function claimed(key = "key") {
  const lectureId = randomLectureId();
  const lecture = {
    lectureId,
    opensAtMs: 0,
    closesAtMs: Date.now() + 60_000,
    capacity: 5,
    cancelled: false,
  };
  await loadLecture(redis, lecture, listedClaims());
  const rid = ridOf(lectureId, "u1", key);
  await claim(redis, { lectureId, userId: "u1", rid });
  const decided = (status: Settlement["status"], of = rid): Settlement[] => [
    { userId: "u1", rid: of, status, claimedAtMs: 7 },
  ];
  return { lectureId, rid, decided };
}

test("a confirmed decision confirms the held claim once", async () => {
  const { lectureId, rid, decided } = await claimed();
  expect(await settle(redis, lectureId, decided("confirmed"))).toMatchObject({
    confirmed: 1,
    released: 0,
  });
  expect(await settle(redis, lectureId, decided("confirmed"))).toMatchObject({
    confirmed: 0,
    released: 0,
  });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toEqual({
    rid,
    state: "confirmed",
    claimedAtMs: 7,
  });
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
});

test.each(["rejected", "cancelled"] as const)(
  "a %s decision releases the claim once",
  async (status) => {
    const { lectureId, decided } = await claimed();
    expect(await settle(redis, lectureId, decided(status))).toMatchObject({
      confirmed: 0,
      released: 1,
    });
    expect(await settle(redis, lectureId, decided(status))).toMatchObject({
      confirmed: 0,
      released: 0,
    });
    expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(0);
    expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
  },
);

test("a release of an old rid leaves the user's newer claim alone", async () => {
  const { lectureId, rid, decided } = await claimed("new");
  const old = ridOf(lectureId, "u1", "old");
  expect(await settle(redis, lectureId, decided("cancelled", old))).toMatchObject({
    confirmed: 0,
    released: 0,
  });
  expect((await findClaim(redis, { lectureId, userId: "u1" }))?.rid).toBe(rid);
});

test("a confirmation that its own cancel has overtaken does not bring the claim back", async () => {
  const { lectureId, decided } = await claimed();
  await settle(redis, lectureId, decided("cancelled"));
  expect(await settle(redis, lectureId, decided("confirmed"))).toMatchObject({
    confirmed: 0,
    released: 0,
  });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toBeUndefined();
});

test("a confirmed seat that Redis has lost is taken again", async () => {
  const { lectureId, rid, decided } = await claimed();
  await redis.del(redisKeys.claims(lectureId), redisKeys.held(lectureId));
  await settle(redis, lectureId, decided("confirmed"));
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toEqual({
    rid,
    state: "confirmed",
    claimedAtMs: 7,
  });
});

test("another rid's held claim is given back and stays, until that rid is decided", async () => {
  const { lectureId, rid, decided } = await claimed();
  const claimedAtMs = (await findClaim(redis, { lectureId, userId: "u1" }))?.claimedAtMs;
  const first = ridOf(lectureId, "u1", "first");
  const rival = { kind: "reserve", rid, lectureId, userId: "u1", claimedAtMs };
  for (let time = 0; time < 2; time++) {
    const settled = await settle(redis, lectureId, decided("confirmed", first));
    expect(settled).toMatchObject({ confirmed: 0, released: 0, rivals: [rival] });
  }
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({ rid, state: "held" });
  expect(await redis.zrange(redisKeys.held(lectureId), 0, -1)).toEqual(["u1"]);

  const both = [...decided("rejected", rid), ...decided("confirmed", first)];
  expect(await settle(redis, lectureId, both)).toEqual({ confirmed: 1, released: 1, rivals: [] });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({
    rid: first,
    state: "confirmed",
  });
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
});

test("a claim that differs from its decision in nothing but its time is no rival", async () => {
  const { lectureId, rid, decided } = await claimed();
  expect(await settle(redis, lectureId, decided("confirmed"))).toMatchObject({
    confirmed: 1,
    rivals: [],
  });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({
    rid,
    claimedAtMs: 7,
  });
});

test("what is no claim is no rival: a confirmation takes its place", async () => {
  const { lectureId, rid, decided } = await claimed();
  await redis.hset(redisKeys.claims(lectureId), { u1: "h: by hand" });
  expect(await settle(redis, lectureId, decided("confirmed"))).toMatchObject({
    confirmed: 1,
    rivals: [],
  });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({
    rid,
    state: "confirmed",
  });
});

test("decisions settled together see what the ones before them left", async () => {
  const { lectureId, rid, decided } = await claimed();
  const other = await ridOf(lectureId, "u1", "other");
  const together = [
    ...decided("confirmed"),
    ...decided("cancelled"),
    ...decided("confirmed"),
    ...decided("confirmed", other),
  ];
  expect(await settle(redis, lectureId, together)).toMatchObject({ confirmed: 2, released: 1 });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({
    rid: other,
    state: "confirmed",
  });
  expect(await redis.hget(redisKeys.released(lectureId), rid)).toBe("cancelled");
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
});

test("a thousand decisions, the most of a call, are settled after earlier releases", async () => {
  const { lectureId, decided } = await claimed();
  const settlements = (status: Settlement["status"]): Settlement[] =>
    Array.from({ length: 1_000 }, (_, student) => {
      const userId = `student-${student}`;
      return { userId, rid: ridOf(lectureId, userId, "key"), status, claimedAtMs: 7 };
    });
  expect(await settle(redis, lectureId, settlements("confirmed"))).toMatchObject({
    confirmed: 1_000,
    released: 0,
  });
  await settle(redis, lectureId, decided("cancelled"));
  expect(await settle(redis, lectureId, settlements("confirmed"))).toMatchObject({
    confirmed: 0,
    released: 0,
  });
  expect(await settle(redis, lectureId, settlements("cancelled"))).toMatchObject({
    confirmed: 0,
    released: 1_000,
  });
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(0);
});
