import { afterAll, expect, test } from "bun:test";
import {
  enterStudent,
  loadOpenLecture,
  randomUserId,
  startEdgeAlone,
  tokenFor,
} from "../test/edge-alone.ts";
import { answerCommand } from "../test/stub-origin.ts";
import { createApp } from "./app.ts";
import { readEdgeConfig } from "./config.ts";
import { type Crowd, createCrowd } from "./crowd.ts";
import { openDeps } from "./deps.ts";
import type { KnownRefusal } from "./known-refusals.ts";

const asked = { lectureId: "7", userId: "u", key: () => undefined };

/** A crowd with the given number of claims under way. Its waits end when the test says so. */
function crowdOf(claims: number) {
  const ends: (() => void)[] = [];
  const waits: ((value: unknown) => void)[] = [];
  const waitsMs: number[] = [];
  let known: KnownRefusal | undefined;
  const crowd = createCrowd({ of: () => known }, (ms) => {
    waitsMs.push(ms);
    return new Promise((resolve) => waits.push(resolve));
  });
  const claiming = Array.from({ length: claims }, () =>
    crowd.claiming("7", () => new Promise<void>((resolve) => ends.push(resolve))),
  );
  return {
    ...crowd,
    learn: (refusal: KnownRefusal) => {
      known = refusal;
    },
    waiting: () => waits.length,
    /** the length of each wait, in milliseconds */
    waitsMs,
    wake: () => waits.shift()?.(undefined),
    async end(count: number) {
      for (const end of ends.splice(0, count)) end();
      await Promise.race(claiming);
    },
  };
}

test("a request goes on at once while few claim, or if it wants another lecture", async () => {
  const few = crowdOf(99);
  expect(await few.waitBehind(asked)).toBeUndefined();
  const many = crowdOf(100);
  expect(await many.waitBehind({ ...asked, lectureId: "8" })).toBeUndefined();
  expect([few.waiting(), many.waiting()]).toEqual([0, 0]);
});

test("a request behind many claims gets the refusal that the others got", async () => {
  const crowd = crowdOf(100);
  const waiting = crowd.waitBehind(asked);
  crowd.learn({ outcome: "sold_out" });
  crowd.wake();
  expect(await waiting).toEqual({ outcome: "sold_out" });
});

test("a waiting request goes on once there is room", async () => {
  const crowd = crowdOf(100);
  const waiting = crowd.waitBehind(asked);
  await crowd.end(1);
  crowd.wake();
  expect(await waiting).toBeUndefined();
});

test("a claim that ends makes room for one request, and not for all", async () => {
  const crowd = crowdOf(101);
  await crowd.end(1);
  const waiting = crowd.waitBehind(asked);
  expect(crowd.waiting()).toBe(1);
  await crowd.end(1);
  crowd.wake();
  expect(await waiting).toBeUndefined();
});

test("after 7 to 10 s without room a request gets no_room, and claims nothing", async () => {
  const crowd = crowdOf(100);
  const waiting = crowd.waitBehind(asked);
  const told = waiting?.then((outcome) => ({ outcome }));
  while ((await Promise.race([told, Bun.sleep(0)])) === undefined) crowd.wake();
  expect(await waiting).toEqual({ outcome: "no_room" });
  const waitedMs = crowd.waitsMs.reduce((sum, ms) => sum + ms, 0);
  expect(waitedMs).toBeGreaterThanOrEqual(7_000);
  expect(waitedMs).toBeLessThan(10_000);
});

test("waits grow with the crowd: at most 2,000 looks a second, and 3 s a wait", () => {
  const crowd = crowdOf(100);
  for (let others = 0; others < 10_000; others++) void crowd.waitBehind(asked);
  const averageMs = (from: number, to: number) =>
    crowd.waitsMs.slice(from, to).reduce((sum, ms) => sum + ms, 0) / (to - from);
  expect(averageMs(0, 100)).toBeWithin(100, 200);
  expect(averageMs(1_900, 2_100)).toBeWithin(900, 1_100);
  expect(averageMs(4_000, 10_000)).toBeWithin(1_900, 2_100);
  expect(Math.max(...crowd.waitsMs)).toBeLessThanOrEqual(3_000);
});

test("a claim that fails makes room as well", async () => {
  const crowd = crowdOf(99);
  await crowd.claiming("7", () => Promise.reject(new Error("Redis is away"))).catch(() => {});
  expect(await crowd.waitBehind(asked)).toBeUndefined();
});

const edge = startEdgeAlone({ USER_BUCKET_TOKENS: "100" });
afterAll(() => edge.close());

test("a request without room is 503 with a Retry-After, and Redis hears nothing", async () => {
  const crowd: Crowd = {
    waitBehind: async () => ({ outcome: "no_room" }),
    claiming: () => Promise.reject(new Error("a claim was made")),
  };
  const app = createApp({ ...openDeps(readEdgeConfig(edge.env)), crowd }, () => ({}));
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 1 });
  const token = await tokenFor(randomUserId(), edge.env.SESSION_KEYS);
  const before = edge.wire.requests.length;
  const press = new Request(`http://edge/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
  });
  const answer = await app.fetch(press, undefined);
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(5);
  expect(await answer.json()).toMatchObject({ code: "unavailable" });
  expect(edge.wire.requests.length).toBe(before);
});

test("most of 1,000 for 20 seats are answered without a claim; every seat is given", async () => {
  edge.origin.answer(answerCommand());
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 20 });
  const students = await Promise.all(Array.from({ length: 1_000 }, () => enterStudent(edge)));
  // Code is slow on its first run: Redis' first answers would come after hundreds more have asked.
  const another = await loadOpenLecture(edge.redis, { capacity: 20 });
  await Promise.all(students.map(({ press }) => press(another)));
  const before = edge.wire.requests.length;
  const answers = await Promise.all(students.map(({ press }) => press(lectureId)));
  const statuses = Map.groupBy(answers, ({ status }) => status);
  expect([statuses.get(202)?.length, statuses.get(409)?.length]).toEqual([20, 980]);
  expect(edge.wire.requests.length - before).toBeLessThan(500);
});
