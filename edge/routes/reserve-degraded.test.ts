import { afterAll, beforeEach, expect, test } from "bun:test";
import { redisKeys } from "../../contract/names.ts";
import { createBreaker } from "../../runtime/breaker/breaker.ts";
import { bodyOf, enterStudent, loadOpenLecture, startEdgeAlone } from "../../test/edge-alone.ts";
import { eventually, randomLectureId } from "../../test/servers.ts";
import { answerCommand, commandOf, type HeardRequest, refuse } from "../../test/stub-origin.ts";
import { createApp } from "../app.ts";
import { readEdgeConfig } from "../config.ts";
import { openDeps } from "../deps.ts";

const edge = startEdgeAlone({ REDIS_TIMEOUT_MS: "500", ORIGIN_TIMEOUT_MS: "500" });
afterAll(() => edge.close());
beforeEach(() => {
  edge.wire.losesRepliesTo = undefined;
  edge.wire.ignores = undefined;
  edge.origin.heard.length = 0;
  edge.origin.answer(answerCommand());
});

test.each([
  ["answers with an error", () => new Response("out of order", { status: 500 })],
  ["answers nothing in time", () => Bun.sleep(3_000).then(() => new Response())],
  ["refuses", () => refuse("lecture_not_found", 404)],
  ["answers with something else", () => Response.json({ hello: "world" })],
  [
    "could not queue it",
    (heard: HeardRequest) =>
      Response.json({
        queued: false,
        reservation: {
          id: commandOf(heard).rid,
          lectureId: commandOf(heard).lectureId,
          status: "pending",
        },
      }),
  ],
] as [string, (heard: HeardRequest) => Response | Promise<Response>][])(
  "when the origin %s, the claim stands, and a kind message says so",
  async (_, respond) => {
    edge.origin.answer(respond);
    const lectureId = await loadOpenLecture(edge.redis);
    const { userId, press } = await enterStudent(edge);
    const response = await press(lectureId, { "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.1" });
    const body = await bodyOf(response);
    expect(response.status).toBe(202);
    expect(body).toMatchObject({ lectureId, status: "pending", degraded: true });
    expect(body["message"]).toContain("您的请求已收到");
    expect(response.headers.get("content-language")).toBe("zh");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
    expect(await edge.redis.hget(redisKeys.claims(lectureId), userId)).toEndWith(
      String(body["id"]),
    );
  },
);

test("while the broker takes nothing only holders are answered; then claims go on", async () => {
  const own = startEdgeAlone();
  try {
    const lectureId = await loadOpenLecture(own.redis);
    const [first, second] = [await enterStudent(own), await enterStudent(own)];
    const pending = (heard: HeardRequest) => ({
      id: commandOf(heard).rid,
      lectureId: commandOf(heard).lectureId,
      status: "pending",
    });
    own.origin.answer((heard) =>
      Response.json({ queued: false, closed: true, reservation: pending(heard) }),
    );
    const held = await first.press(lectureId, { "Idempotency-Key": "once" });
    expect([held.status, (await bodyOf(held))["degraded"]]).toEqual([202, true]);

    own.origin.answer(answerCommand());
    own.origin.heard.length = 0;
    const refused = await second.press(lectureId, { "Accept-Language": "zh" });
    const problem = await bodyOf(refused);
    expect([refused.status, problem["code"]]).toEqual([503, "unavailable"]);
    expect(problem["detail"]).toContain("暂时无法受理新的预约");
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]/);
    expect([await own.redis.hlen(redisKeys.claims(lectureId)), own.origin.heard]).toEqual([1, []]);

    own.origin.answer(() =>
      Response.json({ id: `${lectureId}-${"0".repeat(32)}`, lectureId, status: "pending" }),
    );
    expect((await first.press(lectureId, { "Idempotency-Key": "once" })).status).toBe(202);

    own.origin.answer(answerCommand());
    await eventually(
      "a new claim is taken",
      async () => (await second.press(lectureId)).status === 202,
    );
  } finally {
    await own.close();
  }
});

test("a holder who comes first leaves the one claim to be tried to the next student", async () => {
  let nowMs = 0;
  const intake = createBreaker({ of: "the queue", failuresMin: 1, silenceMs: 0, now: () => nowMs });
  const app = createApp({ ...openDeps(readEdgeConfig(edge.env)), intake }, () => ({}));
  const own = {
    ...edge,
    fetch: (path: string, init: RequestInit = {}) =>
      app.fetch(new Request(new URL(path, "http://edge"), init), undefined),
  };
  const lectureId = await loadOpenLecture(edge.redis);
  const [holder, next] = [await enterStudent(own), await enterStudent(own)];
  expect((await holder.press(lectureId)).status).toBe(202);
  intake.failed();
  expect((await next.press(lectureId)).status).toBe(503);
  nowMs += 1_000;
  expect((await holder.press(lectureId)).status).toBe(409);
  expect((await next.press(lectureId)).status).toBe(202);
  expect(intake.isOpen()).toBe(false);
});

test.each<[string, () => Response, number, string]>([
  ["does not know it either", () => refuse("lecture_not_found", 404), 404, "lecture_not_found"],
  ["knows it", () => Response.json({}), 503, "not_ready"],
  ["does not answer", () => new Response(null, { status: 500 }), 503, "not_ready"],
])(
  "a lecture unknown to Redis, where the origin %s, gets its code; the origin is asked once",
  async (_, respond, status, code) => {
    const lectureId = randomLectureId();
    edge.origin.answer(respond);
    for (let press = 0; press < 5; press++) {
      const answer = await (await enterStudent(edge)).press(lectureId);
      expect([answer.status, (await bodyOf(answer))["code"]]).toEqual([status, code]);
      expect(answer.headers.has("retry-after")).toBe(status === 503);
    }
    const availability = await edge.fetch(`/api/lectures/${lectureId}/availability`);
    expect([availability.status, (await bodyOf(availability))["code"]]).toEqual([status, code]);
    expect(edge.origin.heard.map(({ path }) => path)).toEqual([`/lectures/${lectureId}`]);
  },
);

test("the origin hears four of a crowd that presses for a lecture being loaded", async () => {
  const lectureId = randomLectureId();
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  edge.origin.answer(() => mayAnswer.then(() => Response.json({})));
  const students = await Promise.all(Array.from({ length: 40 }, () => enterStudent(edge)));
  let told = 0;
  const pressed = students.map(async ({ press }) => {
    const { status } = await press(lectureId);
    told += 1;
    return status;
  });
  await eventually("all are told but those whose questions are under way", async () => told === 36);
  answer();
  expect(await Promise.all(pressed)).toEqual(Array(40).fill(503));
  expect(edge.origin.heard).toHaveLength(4);
});

test("a claim with a lost reply is not undone; the key in the answer finds it", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const { userId, press } = await enterStudent(edge);
  edge.wire.losesRepliesTo = redisKeys.claims(lectureId);
  const before = edge.wire.requests.length;
  const response = await press(lectureId);
  const { code, detail, reservationId, idempotencyKey } = await bodyOf(response);
  expect([response.status, code]).toEqual([503, "unavailable"]);
  expect(detail).toContain("same Idempotency-Key");
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  expect(edge.wire.requests.length - before).toBe(1);
  expect(await edge.redis.hget(redisKeys.claims(lectureId), userId)).toEndWith(
    String(reservationId),
  );

  expect(edge.origin.heard).toEqual([]);

  edge.wire.losesRepliesTo = undefined;
  edge.origin.answer((heard) =>
    heard.method === "POST" ? answerCommand()(heard) : refuse("reservation_not_found", 404),
  );
  const again = await press(lectureId, { "Idempotency-Key": String(idempotencyKey) });
  expect([again.status, (await bodyOf(again))["id"]]).toEqual([202, reservationId]);
  const handedOver = edge.origin.heard.filter(({ method }) => method === "POST").map(commandOf);
  const claim = await edge.redis.hget(redisKeys.claims(lectureId), userId);
  expect(handedOver.map(({ rid, claimedAtMs }) => `h:${claimedAtMs}:${rid}`)).toEqual([
    String(claim),
  ]);
});

test.each(["buckets", "claim"])(
  "when Redis does not answer for the %s, the answer is 503 and no claim is written",
  async (what) => {
    const lectureId = await loadOpenLecture(edge.redis);
    const { press } = await enterStudent(edge);
    edge.wire.ignores = what === "buckets" ? "lectern:limit" : redisKeys.claims(lectureId);
    const response = await press(lectureId);
    expect([response.status, (await bodyOf(response))["code"]]).toEqual([503, "unavailable"]);
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
    expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(0);
    expect(edge.origin.heard).toEqual([]);
  },
);

test("the same key while the origin is silent is 202; nothing is handed over twice", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const { press } = await enterStudent(edge);
  const first = await bodyOf(await press(lectureId, { "Idempotency-Key": "once" }));
  edge.origin.answer(() => new Response(null, { status: 500 }));
  const again = await press(lectureId, { "Idempotency-Key": "once" });
  expect(again.status).toBe(202);
  expect(await bodyOf(again)).toMatchObject({ ...first, degraded: true });
  expect(edge.origin.heard.filter(({ method }) => method === "POST")).toHaveLength(1);
});
