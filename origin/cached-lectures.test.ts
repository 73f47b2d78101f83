import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { projectTerms } from "../catalogue/project.ts";
import { cacheKeys, redisNames } from "../contract/names.ts";
import { BEHIND_HEADER, HOLDS_HEADER } from "../contract/origin-api.ts";
import type { Terms } from "../contract/terms.ts";
import { publishedLecture, TERMS } from "../test/published-lecture.ts";
import { openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";
import { eventually, openTestDatabase, openTestRedis, randomLectureId } from "../test/servers.ts";

const [database, catalogue] = [openTestDatabase(), openTestDatabase("catalogue")];
const redis = openTestRedis();
let origins: [TestOrigin, TestOrigin];

beforeAll(async () => {
  origins = [await openTestOrigin(), await openTestOrigin()];
});
afterEach(async () => {
  for (const { wires } of origins) for (const wire of Object.values(wires)) wire.mend();
  await eventually("both origins use Redis again", async () => {
    const id = await newLecture();
    await Promise.all(origins.map((origin) => versionAt(origin, id)));
    return (await redis.exists(cacheKeys.lecture(id))) === 1;
  });
});
afterAll(async () => {
  for (const origin of origins) await origin.close();
  await Promise.all([database.close(), catalogue.close()]);
});

const newLecture = () => publishedLecture({ database, catalogue });

const versionAt = async (origin: TestOrigin, id: string) => {
  const { status, body } = await origin.ask(`/lectures/${id}`);
  return status === 200 ? body["version"] : status;
};

const generation = () => redis.get<string>(redisNames.generation);

/** Writes the next version through one origin, as the projection does. */
const amend = ({ deps }: TestOrigin, id: string, change: Partial<Terms>) =>
  projectTerms(deps.catalogue, deps.lectureWrites, id, { ...TERMS, ...change });

test("10,000 requests for one lecture that is not cached are one read of MySQL", async () => {
  const [origin] = origins;
  const id = await newLecture();
  const before = origin.reads.catalogue;
  const ask = () => versionAt(origin, id);
  const answers = new Set<unknown>();
  for (let wave = 0; wave < 20; wave += 1)
    for (const answer of await Promise.all(Array.from({ length: 500 }, ask))) answers.add(answer);
  expect(answers).toEqual(new Set([1]));
  expect(origin.reads.catalogue - before).toBe(1);
});

test("a lecture that two origins are asked for is read once, and so is a missing one", async () => {
  for (const [id, answer] of [
    [await newLecture(), 1],
    [randomLectureId(), 404],
  ] as const) {
    const reads = () => origins.reduce((sum, { reads }) => sum + reads.catalogue, 0);
    const before = reads();
    const asking = origins.flatMap((origin) =>
      Array.from({ length: 50 }, () => versionAt(origin, id)),
    );
    expect(new Set(await Promise.all(asking))).toEqual(new Set([answer]));
    expect(reads() - before).toBe(1);
  }
});

test("a lecture is kept a minute, a missing one five seconds, give or take a tenth", async () => {
  for (const [id, keptMs] of [
    [await newLecture(), 60_000],
    [randomLectureId(), 5_000],
  ] as const) {
    await versionAt(origins[0], id);
    const leftMs = await redis.pttl(cacheKeys.lecture(id));
    expect(Number(leftMs)).toBeLessThanOrEqual(keptMs * 1.1);
    expect(Number(leftMs)).toBeGreaterThan(keptMs * 0.9 - 2_000);
  }
});

test("every origin shows a written lecture at once, and an unpublished one no more", async () => {
  const [one, other] = origins;
  const id = await newLecture();
  for (const origin of origins) expect(await versionAt(origin, id)).toBe(1);
  await amend(one, id, { version: 2, capacity: 6 });
  for (const origin of origins) expect(await versionAt(origin, id)).toBe(2);
  expect(await redis.exists(cacheKeys.lecture(id))).toBe(1);
  await amend(other, id, { version: 3, published: false });
  for (const origin of origins) expect(await versionAt(origin, id)).toBe(404);
  await amend(one, id, { version: 4 });
  for (const origin of origins) expect(await versionAt(origin, id)).toBe(4);
});

test("a nearly expired lecture is answered at once, and refreshed by one reader", async () => {
  const id = await newLecture();
  await Promise.all(origins.map((origin) => versionAt(origin, id)));
  const reads = () => origins.reduce((sum, { reads }) => sum + reads.catalogue, 0);
  const before = reads();
  await redis.pexpire(cacheKeys.lecture(id), 10_000);
  await Promise.all(origins.flatMap((origin) => [1, 2, 3].map(() => versionAt(origin, id))));
  await eventually("the lecture is fresh again", async () => {
    return Number(await redis.pttl(cacheKeys.lecture(id))) > 50_000;
  });
  expect(reads() - before).toBe(1);
});

test("without Redis lectures come from MySQL, and without both the last known one", async () => {
  const [origin] = origins;
  const id = await newLecture();
  origin.wires.redis.cut();
  expect(await versionAt(origin, id)).toBe(1);
  origin.wires.catalogue.cut();
  expect(await versionAt(origin, id)).toBe(1);
  expect(await versionAt(origin, randomLectureId())).toBe(503);
});

test("every write begins a new generation after it dropped the lecture", async () => {
  const id = await newLecture();
  const seen = new Set([await generation()]);
  for (const version of [2, 3, 3]) {
    await versionAt(origins[0], id);
    await amend(origins[0], id, { version });
    expect(await redis.exists(cacheKeys.lecture(id))).toBe(0);
    seen.add(await generation());
  }
  expect(seen.size).toBe(4);
});

test("an answer says how long it may be held; a list by the clock is not held", async () => {
  const [origin] = origins;
  const path = `/lectures/${await newLecture()}`;
  for (const asked of [
    path,
    "/lectures",
    "/lectures?state=upcoming",
    "/lectures?state=cancelled",
  ]) {
    const answer = await origin.send(asked);
    const tag = answer.headers.get("etag") ?? "";
    const again = await origin.send(asked, { headers: { "If-None-Match": tag } });
    expect([answer.status, again.status]).toEqual([200, 304]);
    for (const { headers } of [answer, again]) {
      expect(Number(headers.get(HOLDS_HEADER))).toBeWithin(1, 60_001);
      expect(headers.get(BEHIND_HEADER)).toBeNull();
    }
  }
  for (const state of ["open", "closed"])
    expect((await origin.send(`/lectures?state=${state}`)).headers.get(HOLDS_HEADER)).toBe("0");
  // The last known lecture may be old.
  for (const wire of [origin.wires.redis, origin.wires.catalogue]) wire.cut();
  const known = await origin.send(path);
  expect([known.status, known.headers.get(HOLDS_HEADER)]).toEqual([200, null]);
});

test("a write that Redis missed is told again, and this origin never goes back", async () => {
  const [writer, other] = origins;
  const id = await newLecture();
  for (const origin of origins) expect(await versionAt(origin, id)).toBe(1);
  writer.wires.redis.cut();
  const before = await generation();
  await amend(writer, id, { version: 2 });
  expect(await generation()).toBe(before);
  expect(await versionAt(writer, id)).toBe(2);
  expect(await versionAt(other, id)).toBe(1);
  writer.wires.redis.mend();
  const seen: unknown[] = [];
  await eventually("the other origin shows it too", async () => {
    seen.push(await versionAt(writer, id));
    return (await versionAt(other, id)) === 2;
  });
  await eventually("a generation begins", async () => (await generation()) !== before);
  expect(new Set(seen)).toEqual(new Set([2]));
});

test("a write whose outcome is unknown keeps the lecture out of the cache", async () => {
  const [origin] = origins;
  const id = await newLecture();
  expect(await versionAt(origin, id)).toBe(1);
  origin.wires.catalogue.cut();
  await expect(amend(origin, id, { version: 2 })).rejects.toThrow();
  origin.wires.catalogue.mend();
  expect(await redis.exists(cacheKeys.lecture(id))).toBe(0);
  expect(await versionAt(origins[1], id)).toBe(1);
  expect(await redis.exists(cacheKeys.lecture(id))).toBe(0);
});
