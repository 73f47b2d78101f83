import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { listedClaims, loadLecture } from "../test/load-lecture.ts";
import { claimOf, lectureOf } from "../test/rooms/admission.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { readAvailability } from "./availability.ts";
import { claim } from "./claim.ts";
import { openAdmission } from "./opening.ts";
import { readRefusing } from "./refusing.ts";

const redis = openTestRedis();
await openAdmission(redis);

test("availability tells every figure of the booking button under its own name", async () => {
  const lecture = { ...lectureOf(randomLectureId(), 7) };
  const { lectureId, opensAtMs, closesAtMs } = lecture;
  const taken = ["u1", "u2"].map((user) => claimOf(lectureId, user, "held"));
  await loadLecture(redis, lecture, listedClaims(taken));
  const told = await readAvailability(redis, lectureId);
  expect(told).toEqual({
    state: "open",
    remaining: 5,
    capacity: 7,
    opensAt: new Date(opensAtMs).toISOString(),
    closesAt: new Date(closesAtMs).toISOString(),
    serverTime: told?.serverTime ?? "",
  });
  expect(Date.parse(told?.serverTime ?? "")).toBeWithin(opensAtMs, closesAtMs);
});

test("availability follows Redis' clock; a lecture that is not loaded has none", async () => {
  const state = async (change: object) => {
    const lectureId = randomLectureId();
    await loadLecture(redis, { ...lectureOf(lectureId), ...change }, listedClaims());
    return (await readAvailability(redis, lectureId))?.state;
  };
  expect(await state({})).toBe("open");
  expect(await state({ opensAtMs: Date.now() + 50_000 })).toBe("upcoming");
  expect(await state({ closesAtMs: Date.now() - 500 })).toBe("closed");
  expect(await state({ capacity: 0 })).toBe("sold_out");
  expect(await state({ cancelled: true })).toBe("cancelled");
  expect(await readAvailability(redis, randomLectureId())).toBeUndefined();
});

test.each([
  { opensAtMs: Number.NaN },
  { closesAtMs: Number.NaN },
  { capacity: Number.NaN },
  { capacity: -1 },
  { opensAtMs: Date.now() + 70_000 },
])("nobody is admitted by terms that make no sense: %p", async (change) => {
  const lectureId = randomLectureId();
  await loadLecture(redis, { ...lectureOf(lectureId), ...change }, listedClaims());
  const rid = ridOf(lectureId, "u1", "k");
  expect(await claim(redis, { lectureId, userId: "u1", rid })).toEqual({ outcome: "not_ready" });
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
  expect(await readRefusing(redis, lectureId)).toBeUndefined();
});
