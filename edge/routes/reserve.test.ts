import { afterAll, beforeEach, expect, test } from "bun:test";
import { settle } from "../../admission/settle.ts";
import { ridOf } from "../../contract/ids.ts";
import { redisKeys } from "../../contract/names.ts";
import {
  bodyOf,
  enterStudent,
  loadOpenLecture,
  startEdgeAlone,
  tokenFor,
} from "../../test/edge-alone.ts";
import { answerCommand, commandOf, type HeardRequest } from "../../test/stub-origin.ts";

const edge = startEdgeAlone({ REDIS_TIMEOUT_MS: "1000", ORIGIN_TIMEOUT_MS: "500" });
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
  edge.origin.answer(answerCommand({ status: "confirmed", decidedAt }));
});

const decidedAt = "2026-01-02T03:04:05.000Z";

test("a claim decided during the wait is 201; the origin gets exactly that claim", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const { userId, press } = await enterStudent(edge);
  const response = await press(lectureId, {
    Prefer: "respond-async, wait=5",
    "Idempotency-Key": "k",
  });
  const body = await bodyOf(response);
  expect(response.status).toBe(201);
  expect(body).toEqual({ id: expect.any(String), lectureId, status: "confirmed", decidedAt });
  expect(response.headers.get("location")).toBe(`/api/reservations/${body["id"]}`);
  expect(response.headers.get("preference-applied")).toBe("wait=5");
  expect(response.headers.get("cache-control")).toBe("no-store");

  const heard = edge.origin.heard[0] as HeardRequest;
  expect([heard.method, heard.path]).toEqual(["POST", "/commands"]);
  expect(heard.headers.get("x-request-id")).toBe(response.headers.get("x-request-id"));
  const claim = await edge.redis.hget(redisKeys.claims(lectureId), userId);
  const { claimedAtMs } = commandOf(heard);
  expect(claim).toBe(`h:${claimedAtMs}:${body["id"]}`);
  expect(heard.body).toEqual({
    command: { kind: "reserve", rid: body["id"], lectureId, userId, claimedAtMs },
    waitMs: 5_000,
  });
});

test("an undecided claim is 202 with where and when to ask", async () => {
  edge.origin.answer(answerCommand());
  const lectureId = await loadOpenLecture(edge.redis);
  const { press } = await enterStudent(edge);
  const response = await press(lectureId);
  const body = await bodyOf(response);
  expect(response.status).toBe(202);
  expect(body).toEqual({ id: expect.any(String), lectureId, status: "pending" });
  expect(response.headers.get("location")).toBe(`/api/reservations/${body["id"]}`);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(response.headers.get("preference-applied")).toBeNull();
});

test("a key in quotes with spaces, as in the IETF's draft, names one reservation", async () => {
  edge.origin.answer(answerCommand());
  const lectureId = await loadOpenLecture(edge.redis);
  const { userId, press } = await enterStudent(edge);
  const key = { "Idempotency-Key": '"my first click"' };
  const first = await bodyOf(await press(lectureId, key));
  expect(first["id"]).toBe(ridOf(lectureId, userId, '"my first click"'));
  edge.origin.answer(() => Response.json(first));
  expect(await bodyOf(await press(lectureId, key))).toEqual(first);
  const bare = await press(lectureId, { "Idempotency-Key": "my-first-click" });
  expect((await bodyOf(bare))["code"]).toBe("already_reserved");
});

test("an answer without a wait has no Preference-Applied", async () => {
  const { press } = await enterStudent(edge);
  const soldOut = await loadOpenLecture(edge.redis, { capacity: 0 });
  const early = await loadOpenLecture(edge.redis, { opensAtMs: Date.now() + 60_000 });
  for (const lectureId of [soldOut, early]) {
    const refused = await press(lectureId, { Prefer: "wait=5" });
    expect([refused.ok, refused.headers.get("preference-applied")]).toEqual([false, null]);
  }
  edge.origin.answer(() => new Response("broken", { status: 502 }));
  const degraded = await press(await loadOpenLecture(edge.redis), { Prefer: "wait=5" });
  expect([degraded.status, degraded.headers.get("preference-applied")]).toEqual([202, null]);
});

test("a wait longer than the origin allows is cut to the longest allowed wait", async () => {
  const { press } = await enterStudent(edge);
  const response = await press(await loadOpenLecture(edge.redis), { Prefer: "wait=99999" });
  expect(response.headers.get("preference-applied")).toBe("wait=20");
  expect(edge.origin.heard[0]?.body).toMatchObject({ waitMs: 20_000 });
});

test("a claim costs one Redis request: both buckets and the claim travel together", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  await (await enterStudent(edge)).press(lectureId);
  const before = edge.wire.requests.length;
  await (await enterStudent(edge)).press(lectureId);
  const requests = edge.wire.requests.slice(before);
  expect(requests.map(({ path }) => path)).toEqual(["/pipeline"]);
  for (const part of [
    "lectern:limit:user",
    `lectern:limit:address:${edge.address}`,
    redisKeys.claims(lectureId),
  ])
    expect(requests[0]?.body).toContain(part);
});

test.each([
  ["sold out", { capacity: 0 }, "sold_out"],
  ["closed", { opensAtMs: 1, closesAtMs: 2 }, "closed"],
] as const)(
  "a refusal of a lecture that is %s costs two Redis requests at most",
  async (_, change, code) => {
    const lectureId = await loadOpenLecture(edge.redis, change);
    const { press } = await enterStudent(edge);
    await press(await loadOpenLecture(edge.redis));
    const before = edge.wire.requests.length;
    expect((await bodyOf(await press(lectureId)))["code"]).toBe(code);
    expect(edge.wire.requests.length - before).toBeLessThanOrEqual(2);
  },
);

test("a press with a body is answered from memory as one without", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  await (await enterStudent(edge)).press(lectureId);
  const before = edge.wire.requests.length;
  const { userId } = await enterStudent(edge);
  const response = await edge.fetch(`/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await tokenFor(userId, edge.env.SESSION_KEYS)}`,
      "Content-Type": "application/json",
    },
    body: "{}",
  });
  expect([response.status, (await bodyOf(response))["code"]]).toEqual([409, "sold_out"]);
  expect(edge.wire.requests.length).toBe(before);
});

test.each([
  ["sold_out", 409],
  ["already_reserved", 409],
  ["lecture_cancelled", 409],
  ["overlaps", 409],
  ["undeliverable", 409],
  ["lecture_not_found", 404],
])("a rejection for %s is answered with it as the code", async (reason, status) => {
  edge.origin.answer(answerCommand({ status: "rejected", reason, decidedAt }));
  const { press } = await enterStudent(edge);
  const response = await press(await loadOpenLecture(edge.redis), { Prefer: "wait=1" });
  const body = await bodyOf(response);
  expect(response.status).toBe(status);
  expect(body).toMatchObject({ code: reason, reservationId: expect.any(String) });
});

test("an overlap's rejection names the lectures in the way, in the reader's language", async () => {
  const hours = { startsAt: "2026-12-01T10:30:00.000Z", endsAt: "2026-12-01T12:00:00.000Z" };
  const overlaps = [
    { lectureId: "8", title: "Quanta", ...hours },
    { lectureId: "9", ...hours },
  ];
  edge.origin.answer((request) => {
    const { rid: id, lectureId } = commandOf(request);
    const reservation = { id, lectureId, status: "rejected", reason: "overlaps", overlaps };
    return Response.json({ queued: true, reservation });
  });
  const { press } = await enterStudent(edge);
  const lectureId = await loadOpenLecture(edge.redis);
  const response = await press(lectureId, { Prefer: "wait=1", "Accept-Language": "zh-CN" });
  expect(response.status).toBe(409);
  expect(await bodyOf(response)).toMatchObject({
    code: "overlaps",
    overlaps,
    detail: "时段冲突的讲座：Quanta、9。",
  });
});

test("the same key while undecided is 202 with the same id; one command is sent", async () => {
  edge.origin.answer(answerCommand());
  const lectureId = await loadOpenLecture(edge.redis);
  const { press } = await enterStudent(edge);
  const first = await bodyOf(await press(lectureId, { "Idempotency-Key": "once" }));
  edge.origin.answer(() => Response.json(first));
  const second = await press(lectureId, { "Idempotency-Key": "once" });
  expect(second.status).toBe(202);
  expect(await bodyOf(second)).toEqual(first);
  expect(edge.origin.heard.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("the same key again with a wait asks for the decision and answers with it", async () => {
  edge.origin.answer(answerCommand());
  const lectureId = await loadOpenLecture(edge.redis);
  const { userId, press } = await enterStudent(edge);
  const { id } = await bodyOf(await press(lectureId, { "Idempotency-Key": "once" }));
  edge.origin.answer(() => Response.json({ id, lectureId, status: "confirmed", decidedAt }));
  const second = await press(lectureId, { "Idempotency-Key": "once", Prefer: "wait=2" });
  expect(second.status).toBe(201);
  expect(edge.origin.heard.map(({ method, path }) => [method, path])).toEqual([
    ["POST", "/commands"],
    ["GET", `/reservations/${id}?user=${userId}&waitMs=2000`],
  ]);
});

test.each([
  ["confirmed", 201, { status: "confirmed" }],
  ["cancelled", 200, { status: "cancelled" }],
  ["rejected", 409, { code: "sold_out" }],
] as const)(
  "the same key after it was %s gives the decision as it stands",
  async (status, expected, shape) => {
    const lectureId = await loadOpenLecture(edge.redis);
    const { userId, press } = await enterStudent(edge);
    edge.origin.answer(answerCommand());
    const { id } = await bodyOf(await press(lectureId, { "Idempotency-Key": "once" }));
    const rid = String(id);
    await settle(edge.redis, lectureId, [{ userId, rid, status, claimedAtMs: 1 }]);
    const reason = status === "rejected" ? { reason: "sold_out" } : {};
    edge.origin.answer(() => Response.json({ id, lectureId, status, decidedAt, ...reason }));
    const again = await press(lectureId, { "Idempotency-Key": "once" });
    expect(again.status).toBe(expected);
    expect(await bodyOf(again)).toMatchObject(shape);
    edge.origin.answer(() => new Response(null, { status: 500 }));
    expect((await press(lectureId, { "Idempotency-Key": "once" })).status).toBe(503);
  },
);

test("another key of a student who holds a claim is 409 and names the reservation", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const { press } = await enterStudent(edge);
  const { id } = await bodyOf(await press(lectureId));
  const second = await press(lectureId);
  expect(second.status).toBe(409);
  expect(await bodyOf(second)).toMatchObject({ code: "already_reserved", reservationId: id });
  expect(second.headers.get("location")).toBe(`/api/reservations/${id}`);
});

test("before the opening the client gets the exact wait, and may return right then", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { opensAtMs: Date.now() + 30_000 });
  const { press } = await enterStudent(edge);
  for (const _ of [1, 2]) {
    const response = await press(lectureId);
    const body = await bodyOf(response);
    expect([response.status, body["code"]]).toEqual([409, "not_open"]);
    expect(Number(body["opensInMs"])).toBeWithin(20_000, 30_001);
    expect(Number(response.headers.get("retry-after"))).toBe(
      Math.ceil(Number(body["opensInMs"]) / 1_000),
    );
  }
  expect(edge.origin.heard).toEqual([]);
});

test.each([
  ["closed", { opensAtMs: 1, closesAtMs: 2 }, 409],
  ["sold_out", { capacity: 0 }, 409],
  ["lecture_cancelled", { cancelled: true }, 409],
] as const)(
  "a lecture that is %s answers so without asking the origin",
  async (code, change, status) => {
    const { press } = await enterStudent(edge);
    const response = await press(await loadOpenLecture(edge.redis, change));
    expect([response.status, (await bodyOf(response))["code"]]).toEqual([status, code]);
    expect(edge.origin.heard).toEqual([]);
  },
);

test("a student rejected a moment ago is throttled, with a long enough Retry-After", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const { userId, press } = await enterStudent(edge);
  const { id } = await bodyOf(await press(lectureId));
  await settle(edge.redis, lectureId, [
    { userId, rid: String(id), status: "rejected", claimedAtMs: 1 },
  ]);
  const response = await press(lectureId);
  expect([response.status, (await bodyOf(response))["code"]]).toEqual([429, "throttled"]);
  const leftMs = await edge.redis.pttl(redisKeys.throttle(lectureId, userId));
  expect(Number(response.headers.get("retry-after")) * 1_000).toBeGreaterThanOrEqual(
    Number(leftMs),
  );
});
