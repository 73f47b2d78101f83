import { afterAll, beforeEach, expect, test } from "bun:test";
import { claim } from "../admission/claim.ts";
import { settle } from "../admission/settle.ts";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import {
  bodyOf,
  enterStudent,
  loadOpenLecture,
  randomUserId,
  startEdgeAlone,
} from "../test/edge-alone.ts";
import { eventually, openTestRedis } from "../test/servers.ts";
import { answerCommand } from "../test/stub-origin.ts";
import { createApp } from "./app.ts";
import { readEdgeConfig } from "./config.ts";
import { openDeps } from "./deps.ts";
import { createKnownRefusals } from "./known-refusals.ts";

const edge = startEdgeAlone();
const redis = openTestRedis();
afterAll(() => edge.close());
beforeEach(() => edge.origin.answer(answerCommand()));

/** The answer to a student's press, and the number of requests it sent to Redis. */
async function pressed(
  { press }: Awaited<ReturnType<typeof enterStudent>>,
  lectureId: string,
  key?: string,
) {
  const before = edge.wire.requests.length;
  const response = await press(lectureId, key ? { "Idempotency-Key": key } : {});
  const { code, status, reservationId } = await bodyOf(response);
  const asked = edge.wire.requests.length - before;
  return {
    answer: code ?? status,
    reservationId,
    asked,
    retryAfter: response.headers.get("retry-after"),
  };
}

/** A claim of a user unknown to the edge, written as the edge would write it. */
async function holder(lectureId: string, key = "key") {
  const userId = randomUserId();
  const rid = ridOf(lectureId, userId, key);
  const answer = await claim(redis, { lectureId, userId, rid });
  return { lectureId, userId, rid, answer };
}

test("once Redis has said sold out, the next students hear it without a Redis call", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 1 });
  await holder(lectureId);
  expect((await pressed(await enterStudent(edge), lectureId)).answer).toBe("sold_out");
  for (let student = 0; student < 3; student++)
    expect(await pressed(await enterStudent(edge), lectureId)).toMatchObject({
      answer: "sold_out",
      asked: 0,
    });
});

test("the holder of a seat of a sold-out lecture hears of the seat by any key", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 1 });
  const owner = await enterStudent(edge);
  expect((await pressed(owner, lectureId, "mine")).answer).toBe("pending");
  expect((await pressed(await enterStudent(edge), lectureId)).answer).toBe("sold_out");
  expect(await pressed(await enterStudent(edge), lectureId)).toMatchObject({
    answer: "sold_out",
    asked: 0,
  });
  const id = ridOf(lectureId, owner.userId, "mine");
  edge.origin.answer(() => Response.json({ id, lectureId, status: "pending" }));
  expect((await pressed(owner, lectureId, "mine")).answer).toBe("pending");
  expect((await pressed(owner, lectureId, "another")).answer).toBe("already_reserved");
});

test("a cancelled reservation is found by its key in a lecture sold out again", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 1 });
  const owner = await enterStudent(edge);
  await pressed(owner, lectureId, "mine");
  const rid = ridOf(lectureId, owner.userId, "mine");
  await settle(redis, lectureId, [
    { userId: owner.userId, rid, status: "cancelled", claimedAtMs: 1 },
  ]);
  await holder(lectureId);
  expect((await pressed(await enterStudent(edge), lectureId)).answer).toBe("sold_out");
  edge.origin.answer(() => Response.json({ id: rid, lectureId, status: "cancelled" }));
  expect((await pressed(owner, lectureId, "mine")).answer).toBe("cancelled");
});

test("an invalid key is sold out from memory although the lecture has released rids", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  const gone = { userId: randomUserId(), rid: ridOf(lectureId, "gone", "key") };
  await settle(redis, lectureId, [{ ...gone, status: "rejected", claimedAtMs: 1 }]);
  const student = await enterStudent(edge);
  expect((await pressed(student, lectureId)).answer).toBe("sold_out");
  expect(await pressed(student, lectureId, "k".repeat(4_000))).toMatchObject({
    answer: "sold_out",
    asked: 0,
  });
});

test("a returned seat can be booked again soon; from then on memory refuses nobody", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 1 });
  const { userId, rid } = await holder(lectureId);
  await pressed(await enterStudent(edge), lectureId);
  await settle(redis, lectureId, [{ userId, rid, status: "rejected", claimedAtMs: 1 }]);
  const winner = await eventually("the seat is booked", async () => {
    const student = await enterStudent(edge);
    return (await pressed(student, lectureId)).answer === "pending" && student;
  });
  expect((await pressed(winner, lectureId, "again")).answer).toBe("already_reserved");
});

test("before the opening students get the time to it without a Redis call", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { opensAtMs: Date.now() + 30_000 });
  expect((await pressed(await enterStudent(edge), lectureId)).answer).toBe("not_open");
  const next = await pressed(await enterStudent(edge), lectureId);
  expect(next).toMatchObject({ answer: "not_open", asked: 0 });
  expect(Number(next.retryAfter)).toBeWithin(1, 32);
});

test("an answer is used for less than 1 s, and is asked for again before that", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  let nowMs = 1_000;
  const refusals = createKnownRefusals(redis, () => nowMs);
  const asked = { lectureId, userId: randomUserId(), key: () => "k" };
  await refusals.learn(lectureId);
  expect(refusals.of(asked)).toEqual({ outcome: "sold_out" });
  nowMs += 499;
  expect(refusals.renew(lectureId)).toBeUndefined();
  nowMs += 1;
  const asking = refusals.renew(lectureId);
  expect([asking, refusals.renew(lectureId)]).toEqual([expect.any(Promise), undefined]);
  expect(refusals.of(asked)).toEqual({ outcome: "sold_out" });
  await asking;
  nowMs += 999;
  expect(refusals.of(asked)).toEqual({ outcome: "sold_out" });
  nowMs += 1;
  expect([refusals.of(asked), refusals.renew(lectureId)]).toEqual([undefined, undefined]);
});

test("a Redis that does not answer takes away nothing that is still true", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  let nowMs = 1_000;
  let isAway = false;
  const evalsha: typeof redis.evalsha = (...args) =>
    isAway ? Promise.reject(new Error("Redis is away")) : redis.evalsha(...args);
  const refusals = createKnownRefusals({ evalsha }, () => nowMs);
  const asked = { lectureId, userId: randomUserId(), key: () => "k" };
  await refusals.learn(lectureId);
  isAway = true;
  nowMs += 600;
  await refusals.renew(lectureId);
  expect(refusals.of(asked)).toEqual({ outcome: "sold_out" });
  nowMs += 400;
  expect(refusals.of(asked)).toBeUndefined();
});

/** An edge on the same servers, whose known refusals age by the test's own clock. */
function edgeThatAges() {
  const clock = { nowMs: 1_000 };
  const begun: Promise<unknown>[] = [];
  const deps = openDeps(readEdgeConfig(edge.env));
  const knownRefusals = createKnownRefusals(deps.redis, () => clock.nowMs);
  const app = createApp({ ...deps, knownRefusals }, () => ({
    outlive: (work) => void begun.push(work),
  }));
  const fetch = (path: string, init: RequestInit = {}) =>
    app.fetch(new Request(new URL(path, "http://edge"), init), undefined);
  return {
    clock,
    enter: () => enterStudent({ ...edge, fetch }),
    begunWork: () => Promise.all(begun),
  };
}

test.each(["a student without a seat", "a holder", "a holder whose press is malformed"])(
  "the first press after 0.5 s, of %s, renews the answer; none falls through to Redis at 1 s",
  async (who) => {
    const { clock, enter, begunWork } = edgeThatAges();
    const lectureId = await loadOpenLecture(edge.redis, { capacity: 1 });
    const owner = await enter();
    await pressed(owner, lectureId, "mine");
    expect((await pressed(await enter(), lectureId)).answer).toBe("sold_out");
    clock.nowMs += 600;
    if (who === "a student without a seat")
      expect((await pressed(await enter(), lectureId)).answer).toBe("sold_out");
    if (who === "a holder")
      expect((await pressed(owner, lectureId, "another")).answer).toBe("already_reserved");
    if (who === "a holder whose press is malformed")
      expect((await pressed(owner, lectureId, "a b")).answer).toBe("invalid_request");
    await begunWork();
    for (const _ of [1, 2, 3]) {
      clock.nowMs += 150;
      expect(await pressed(await enter(), lectureId)).toMatchObject({
        answer: "sold_out",
        asked: 0,
      });
    }
  },
);

test("not_open ends with the opening, and a claim ends what Redis said before it", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { opensAtMs: Date.now() + 60_000 });
  let nowMs = 0;
  const refusals = createKnownRefusals(redis, () => nowMs);
  const asked = { lectureId, userId: randomUserId(), key: () => "k" };
  await redis.hset(redisKeys.lecture(lectureId), { opensAtMs: String(Date.now() + 900) });
  await refusals.learn(lectureId);
  expect((await refusals.of(asked))?.outcome).toBe("not_open");
  nowMs = 901;
  const afterOpening = [await refusals.of(asked), await refusals.of(asked)];
  expect(afterOpening).toEqual([undefined, undefined]);

  nowMs = 10_000;
  const soldOut = await loadOpenLecture(edge.redis, { capacity: 0 });
  const learning = refusals.learn(soldOut);
  refusals.forget(soldOut);
  await learning;
  expect(await refusals.of({ ...asked, lectureId: soldOut })).toBeUndefined();
});

/** Refusals that learn from the real Redis, once the test lets it answer. */
function learningSlowly(now: () => number) {
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  let questions = 0;
  const evalsha: typeof redis.evalsha = async (...args) => {
    questions += 1;
    await mayAnswer;
    return await redis.evalsha(...args);
  };
  return { refusals: createKnownRefusals({ evalsha }, now), answer, asked: () => questions };
}

test("a slow answer is used, and no second question is asked meanwhile", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  let nowMs = 1_000;
  const { refusals, answer, asked } = learningSlowly(() => nowMs);
  const learning = refusals.learn(lectureId);
  nowMs += 700;
  await refusals.learn(lectureId);
  answer();
  await learning;
  expect(asked()).toBe(1);
  const wish = { lectureId, userId: randomUserId(), key: () => "k" };
  expect(refusals.of(wish)).toEqual({ outcome: "sold_out" });
  // The answer is old already, and only one request asks again.
  const again = [refusals.renew(lectureId), refusals.renew(lectureId)];
  expect([asked(), again[1]]).toEqual([2, undefined]);
  await again[0];
});

test("a question whose answer never comes is given up after three seconds", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  let nowMs = 1_000;
  const { refusals, answer, asked } = learningSlowly(() => nowMs);
  const lost = refusals.learn(lectureId);
  nowMs += 3_000;
  const again = refusals.learn(lectureId);
  expect(asked()).toBe(2);
  answer();
  await Promise.all([lost, again]);
  expect(refusals.of({ lectureId, userId: randomUserId(), key: () => "k" })).toEqual({
    outcome: "sold_out",
  });
});

test("of a lecture that is open, cancelled or not loaded, nothing is known", async () => {
  const refusals = createKnownRefusals(redis);
  const of = async (lectureId: string) => {
    await refusals.learn(lectureId);
    return await refusals.of({ lectureId, userId: randomUserId(), key: () => "k" });
  };
  expect(await of(await loadOpenLecture(edge.redis))).toBeUndefined();
  expect(
    await of(await loadOpenLecture(edge.redis, { capacity: 0, cancelled: true })),
  ).toBeUndefined();
  expect(await of("1")).toBeUndefined();
});
