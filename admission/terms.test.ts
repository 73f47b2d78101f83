import { expect, test } from "bun:test";
import { amendmentRidOf, type LectureId, ridOf } from "../contract/ids.ts";
import { listedClaims, loadLecture, openTerms } from "../test/load-lecture.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { readAvailability } from "./availability.ts";
import { claim } from "./claim.ts";
import { closeLecture } from "./close.ts";
import { beginLoad, goOnLoading } from "./load.ts";
import { openAdmission } from "./opening.ts";
import { type AdmissionTerms, fence, readStandingTerms, writeTerms } from "./terms.ts";

const redis = openTestRedis();
await openAdmission(redis);

async function loaded(change: Partial<AdmissionTerms> = {}): Promise<LectureId> {
  const lectureId = randomLectureId();
  await loadLecture(redis, { lectureId, ...openTerms(10), ...change }, listedClaims());
  return lectureId;
}

function amendment(lectureId: LectureId, key = "amend") {
  return amendmentRidOf(lectureId, "organiser", key);
}

function setFence(lectureId: LectureId, change: Partial<AdmissionTerms>, key?: string) {
  const terms = { ...openTerms(10), ...change };
  return fence(redis, { lectureId, terms }, amendment(lectureId, key));
}

function write(lectureId: LectureId, change: Partial<AdmissionTerms>, key?: string) {
  const rid = key === undefined ? undefined : amendment(lectureId, key);
  return writeTerms(redis, { lectureId, terms: { ...openTerms(10), ...change } }, rid);
}

async function press(lectureId: LectureId, userId: string, groups: string[] = []) {
  const rid = ridOf(lectureId, userId, "k");
  return (await claim(redis, { lectureId, userId, rid, groups })).outcome;
}

async function standing(lectureId: LectureId) {
  return (await readStandingTerms(redis, [lectureId]))[0];
}

async function capacityOf(lectureId: LectureId) {
  return (await readAvailability(redis, lectureId))?.capacity;
}

test("a fence counts the claims, and nobody is let in whom its terms keep out", async () => {
  const lectureId = await loaded();
  expect(await press(lectureId, "u1")).toBe("claimed");
  expect(await press(lectureId, "u2")).toBe("claimed");
  expect(await setFence(lectureId, { capacity: 2 }, "a")).toBe(2);
  expect(await press(lectureId, "u3")).toBe("sold_out");
  expect(await setFence(lectureId, { capacity: 2 }, "a")).toBe(2);
  expect(await standing(lectureId)).toMatchObject({
    version: 1,
    fences: [amendment(lectureId, "a")],
  });
});

test("a fence takes the stricter of both terms, field by field", async () => {
  const now = Date.now();
  const lectureId = await loaded({ capacity: 3, opensAtMs: now - 9_000, closesAtMs: now + 5_000 });
  await setFence(lectureId, { capacity: 5, opensAtMs: now - 20_000, closesAtMs: now + 2_000 });
  expect(await readAvailability(redis, lectureId)).toMatchObject({
    capacity: 3,
    opensAt: new Date(now - 9_000).toISOString(),
    closesAt: new Date(now + 2_000).toISOString(),
  });
});

test("windows with no moment in common close the lecture while the fence stands", async () => {
  const now = Date.now();
  const lectureId = await loaded();
  await setFence(lectureId, { opensAtMs: now + 3_600_000, closesAtMs: now + 7_200_000 });
  expect(await press(lectureId, "u1")).toBe("closed");
});

test("a lecture that Redis does not know has a fence, and a count that says nothing", async () => {
  const lectureId = randomLectureId();
  expect(await setFence(lectureId, { capacity: 2 })).toBeUndefined();
  expect((await standing(lectureId))?.fences).toHaveLength(1);
});

test("the decided terms end the fence, whether the amendment was applied or refused", async () => {
  for (const [version, capacity] of [
    [2, 2],
    [1, 10],
  ] as const) {
    const lectureId = await loaded();
    await setFence(lectureId, { capacity: 2 }, "a");
    await write(lectureId, { version, capacity }, "a");
    expect(await standing(lectureId)).toMatchObject({ version, fences: [], isFenced: false });
    expect(await capacityOf(lectureId)).toBe(capacity);
    await write(lectureId, { version, capacity }, "a");
    expect(await capacityOf(lectureId)).toBe(capacity);
  }
});

test("older terms never replace newer ones", async () => {
  const lectureId = await loaded({ version: 4, capacity: 4 });
  await write(lectureId, { version: 3, capacity: 30 });
  await write(lectureId, { version: 3, capacity: 30 }, "never fenced");
  expect(await capacityOf(lectureId)).toBe(4);
  await write(lectureId, { version: 5, capacity: 5 });
  expect(await capacityOf(lectureId)).toBe(5);
});

test("another amendment's fence stays, and keeps its stricter terms until it ends", async () => {
  const lectureId = await loaded();
  await setFence(lectureId, { capacity: 3 }, "a");
  await setFence(lectureId, { capacity: 6 }, "b");
  await write(lectureId, { version: 2, capacity: 6 }, "b");
  expect(await capacityOf(lectureId)).toBe(3);
  expect(await standing(lectureId)).toMatchObject({
    version: 2,
    fences: [amendment(lectureId, "a")],
  });
  await write(lectureId, { version: 3, capacity: 3 }, "a");
  expect(await standing(lectureId)).toMatchObject({ version: 3, isFenced: false });
});

test("older terms end their fence and open nothing: stricter ones wait for newer", async () => {
  const lectureId = await loaded();
  await setFence(lectureId, { capacity: 3 }, "a");
  await write(lectureId, { version: 3, capacity: 5 });
  expect(await capacityOf(lectureId)).toBe(3);
  await write(lectureId, { version: 2, capacity: 9 }, "a");
  expect(await standing(lectureId)).toMatchObject({ version: 3, fences: [], isFenced: true });
  expect(await capacityOf(lectureId)).toBe(3);
  await write(lectureId, { version: 3, capacity: 5 });
  expect(await standing(lectureId)).toMatchObject({ version: 3, isFenced: false });
  expect(await capacityOf(lectureId)).toBe(5);
});

test("a load never puts older terms over newer ones, and leaves a fence standing", async () => {
  const lectureId = await loaded();
  await write(lectureId, { version: 5, capacity: 5 });
  await closeLecture(redis, lectureId);
  await loadLecture(redis, { lectureId, ...openTerms(10), version: 4 }, listedClaims());
  expect(await capacityOf(lectureId)).toBe(5);
  await setFence(lectureId, { capacity: 2 }, "a");
  await closeLecture(redis, lectureId);
  await loadLecture(redis, { lectureId, ...openTerms(10), version: 6 }, listedClaims());
  expect(await capacityOf(lectureId)).toBe(2);
  expect(await standing(lectureId)).toMatchObject({
    version: 6,
    fences: [amendment(lectureId, "a")],
  });
});

test("a lecture that is amended while it is loaded opens with the amended terms", async () => {
  const lectureId = randomLectureId();
  const load = await beginLoad(redis, { lectureId }, { name: "a", mark: "" });
  if (typeof load === "string") throw new Error(load);
  let capacity = 10;
  const source = {
    ...listedClaims(),
    held: async () => {
      capacity = 2;
      return [];
    },
    terms: async () => ({ ...openTerms(capacity), version: 2 }),
  };
  expect(await goOnLoading(redis, load, source)).toBe("ready");
  expect(await capacityOf(lectureId)).toBe(2);
});

test("a look without a fence counts only if Redis has no more seats than the terms", async () => {
  const lectureId = await loaded();
  await press(lectureId, "u1");
  const look = (capacity: number) =>
    fence(redis, { lectureId, terms: openTerms(capacity) }, undefined);
  expect(await look(10)).toBe(1);
  expect(await look(9)).toBeUndefined();
  expect(await standing(lectureId)).toMatchObject({ isFenced: false });
});

test("an unpublished lecture admits nobody, as if Redis did not know it", async () => {
  const lectureId = await loaded();
  await write(lectureId, { version: 2, closesAtMs: 0 });
  expect(await press(lectureId, "u1")).toBe("not_ready");
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
});

test("an audience lets in who is in one of its groups, and nobody else", async () => {
  const lectureId = await loaded({ audience: ["cs-2024", "物理学院"] });
  expect(await press(lectureId, "u1")).toBe("not_eligible");
  expect(await press(lectureId, "u2", ["cs-20", "2024"])).toBe("not_eligible");
  expect(await press(lectureId, "u3", ["arts", "物理学院"])).toBe("claimed");
  expect(await press(lectureId, "u1", ["cs-2024"])).toBe("claimed");
  await setFence(lectureId, { audience: ["cs-2024", "arts"] });
  expect(await press(lectureId, "u4", ["arts"])).toBe("not_eligible");
  expect(await press(lectureId, "u5", ["物理学院"])).toBe("not_eligible");
  expect(await press(lectureId, "u6", ["cs-2024"])).toBe("claimed");
  await setFence(lectureId, { audience: ["arts"] }, "b");
  expect(await press(lectureId, "u7", ["cs-2024", "arts"])).toBe("not_eligible");
});
