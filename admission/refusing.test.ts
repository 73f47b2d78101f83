import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { listedClaims, loadLecture } from "../test/load-lecture.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import type { LoadedClaim } from "./load.ts";
import { openAdmission } from "./opening.ts";
import { readRefusing } from "./refusing.ts";

const redis = openTestRedis();
await openAdmission(redis);

async function load(
  lectureId: string,
  { opensInMs = -1_000, capacity = 1 },
  claims: LoadedClaim[] = [],
): Promise<void> {
  const opensAtMs = Date.now() + opensInMs;
  const lecture = { lectureId, opensAtMs, closesAtMs: opensAtMs + 90_000, capacity };
  await loadLecture(redis, { ...lecture, cancelled: false }, listedClaims(claims));
}

test("before the opening it tells how long that is away", async () => {
  const lectureId = randomLectureId();
  await load(lectureId, { opensInMs: 60_000 });
  const refusing = await readRefusing(redis, lectureId);
  expect(refusing).toEqual({ outcome: "not_open", opensInMs: expect.any(Number) });
  expect(refusing?.outcome === "not_open" && refusing.opensInMs).toBeWithin(50_000, 60_001);
});

test("a sold-out lecture names the users with a claim apart from the released rids", async () => {
  const lectureId = randomLectureId();
  const claims = (["held", "confirmed", "rejected"] as const).map((state, at) => {
    const userId = `u${at}`;
    return { userId, rid: ridOf(lectureId, userId, "k"), state, claimedAtMs: 1 };
  });
  await load(lectureId, { capacity: 2 }, claims);
  expect(await readRefusing(redis, lectureId)).toEqual({
    outcome: "sold_out",
    holders: new Set(["u0", "u1"]),
    released: new Set([ridOf(lectureId, "u2", "k")]),
  });
});

test("a lecture with a seat left refuses nobody", async () => {
  const lectureId = randomLectureId();
  await load(lectureId, { capacity: 1 });
  expect(await readRefusing(redis, lectureId)).toBeUndefined();
});
