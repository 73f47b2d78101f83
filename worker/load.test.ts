import { afterAll, expect, test } from "bun:test";
import { readAvailability } from "../admission/availability.ts";
import { claim } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { handleBatch } from "./batch.ts";
import { loadMissing } from "./load.ts";

const room = await openWorkerRoom();
const { deps, redis, reserve, publishLecture } = room;

afterAll(() => room.close());

async function loseRedis(lectureId: LectureId): Promise<void> {
  const { lecture, claims, held, released } = redisKeys;
  await redis.del(...[lecture, claims, held, released].map((key) => key(lectureId)));
}

test("a published lecture is loaded with all its seats", async () => {
  const lectureId = await publishLecture(7);
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
  await loadMissing(deps);
  expect(await readAvailability(redis, lectureId)).toMatchObject({
    state: "open",
    capacity: 7,
    remaining: 7,
  });
});

test("a lost lecture comes back with its confirmed, undecided and released rids", async () => {
  const lectureId = await publishLecture(7);
  await loadMissing(deps);
  const confirmed = await reserve(lectureId, "u1");
  const given = await reserve(lectureId, "u2");
  const giveBack = { ...given, kind: "cancel" as const, requestedAtMs: Date.now() };
  const deliveries = [confirmed, given, giveBack].map((command) => ({
    command,
    redelivered: false,
    deliveryCount: 0,
  }));
  await handleBatch(deps, deliveries);
  const undecided = await reserve(lectureId, "u3");

  await loseRedis(lectureId);
  expect((await claim(redis, confirmed)).outcome).toBe("not_ready");
  await loadMissing(deps);

  expect(await findClaim(redis, confirmed)).toMatchObject({
    rid: confirmed.rid,
    state: "confirmed",
  });
  expect(await findClaim(redis, undecided)).toMatchObject({ rid: undecided.rid, state: "held" });
  expect(await redis.zcard(redisKeys.held(lectureId))).toBe(1);
  expect(await claim(redis, given)).toMatchObject({ outcome: "repeated", state: "cancelled" });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 5 });
});

test("a lecture with too many claims is loaded again, and its seats are right", async () => {
  const lectureId = await publishLecture(2);
  await loadMissing(deps);
  await redis.hset(redisKeys.lecture(lectureId), { capacity: "9" });
  const commands = [];
  for (const user of ["u1", "u2", "u3"]) commands.push(await reserve(lectureId, user));
  await handleBatch(deps, deliveriesOf(commands));
  expect(
    (await claim(redis, { lectureId, userId: "u4", rid: `${lectureId}-${"0".repeat(32)}` }))
      .outcome,
  ).toBe("not_ready");
  await loadMissing(deps);
  expect(await readAvailability(redis, lectureId)).toMatchObject({
    state: "sold_out",
    capacity: 2,
    remaining: 0,
  });
});

test("a sold-out rejection that comes again closes nothing", async () => {
  const lectureId = await publishLecture(0);
  await loadMissing(deps);
  const late = await reserve(lectureId, "u1");
  await handleBatch(deps, deliveriesOf([late]));
  await loadMissing(deps);
  await handleBatch(deps, deliveriesOf([late]));
  expect(await readAvailability(redis, lectureId)).toMatchObject({ state: "sold_out" });
});

test.each(["lecture", "claims", "held", "released"] as const)(
  "a lecture whose %s key is of a wrong type stays closed, and keeps no other from being loaded",
  async (name) => {
    const broken = await publishLecture(2);
    const confirmed = await reserve(broken, "u1");
    await handleBatch(deps, deliveriesOf([confirmed]));
    await loseRedis(broken);
    await redis.set(redisKeys[name](broken), "not what it should be");
    const others = [await publishLecture(2), await publishLecture(2)];
    await loadMissing(deps);
    for (const other of others)
      expect(await readAvailability(redis, other)).toMatchObject({ remaining: 2 });
    const answer = await claim(redis, {
      lectureId: broken,
      userId: "u2",
      rid: `${broken}-${"0".repeat(32)}`,
    }).catch(String);
    expect(typeof answer === "string" ? answer : answer.outcome).toMatch(/WRONGTYPE|not_ready/);
    await redis.del(redisKeys[name](broken));
    await loadMissing(deps);
    expect(await readAvailability(redis, broken)).toMatchObject({ remaining: 1 });
  },
);
