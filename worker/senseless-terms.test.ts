import { afterAll, expect, test } from "bun:test";
import { readAvailability } from "../admission/availability.ts";
import { claim } from "../admission/claim.ts";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { openWorkerRoom } from "../test/rooms/worker.ts";
import { withSenselessLecture } from "../test/senseless-lecture.ts";
import { findClaimed, readBookingTerms } from "./booking-terms.ts";
import { keepLoaded, loadMissing } from "./load.ts";

const room = await openWorkerRoom();
const { deps, redis } = room;

afterAll(() => room.close());

test("a lecture that opens at no date admits nobody, and the others are loaded", async () => {
  await withSenselessLecture(room, "opens_at", async (lectureId) => {
    const sound = await room.publishLecture(3);
    await loadMissing(deps);
    expect(await readAvailability(redis, sound)).toMatchObject({ remaining: 3 });
    const rid = ridOf(lectureId, "u1", "key");
    expect(await claim(redis, { lectureId, userId: "u1", rid })).toEqual({ outcome: "not_ready" });
    expect(await redis.exists(redisKeys.lecture(lectureId))).toBe(0);
  });
});

test("it is logged once, however often the catalogue is read", async () => {
  await withSenselessLecture(room, "opens_at", async (lectureId) => {
    const stopping = new AbortController();
    const told: Record<string, unknown>[] = [];
    let looks = 0;
    const sleep = async () => {
      looks += 1;
      if (looks === 5) stopping.abort();
    };
    const log = Object.assign(Object.create(deps.log), {
      error: (fields: Record<string, unknown>) => told.push(fields),
    });
    await keepLoaded({ ...deps, log, clock: { ...deps.clock, sleep }, stopping: stopping.signal });
    // The servers also hold lectures of other tests.
    expect(told.filter((fields) => fields["lectureId"] === lectureId)).toEqual([
      { event: "lecture_left_out", lectureId, why: "opens_at is no date" },
    ]);
  });
});

test("claims that it has already end in a decision all the same", async () => {
  await withSenselessLecture(room, "opens_at", async (lectureId) => {
    expect(await findClaimed(deps.database)).toContain(lectureId);
    expect(
      (await readBookingTerms(deps.database)).lectures.map((each) => each.lectureId),
    ).not.toContain(lectureId);
  });
});
