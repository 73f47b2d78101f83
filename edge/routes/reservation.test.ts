import { afterAll, beforeEach, expect, test } from "bun:test";
import { claim } from "../../admission/claim.ts";
import { settle } from "../../admission/settle.ts";
import { type Rid, ridOf } from "../../contract/ids.ts";
import { redisKeys } from "../../contract/names.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../../test/edge-alone.ts";
import { refuse } from "../../test/stub-origin.ts";

const edge = startEdgeAlone({ ORIGIN_TIMEOUT_MS: "400", REDIS_TIMEOUT_MS: "400" });
afterAll(() => edge.close());
beforeEach(() => {
  edge.wire.ignores = undefined;
  edge.origin.heard.length = 0;
  edge.origin.answer(() => refuse("reservation_not_found", 404));
});

async function send(
  method: string,
  path: string,
  userId: string,
  headers: Record<string, string> = {},
) {
  const token = await tokenFor(userId, edge.env.SESSION_KEYS);
  return edge.fetch(path, { method, headers: { Authorization: `Bearer ${token}`, ...headers } });
}

/** A user with a held claim that the origin does not know. */
async function claimed(): Promise<{ userId: string; lectureId: string; rid: Rid }> {
  const lectureId = await loadOpenLecture(edge.redis);
  const userId = randomUserId();
  const rid = ridOf(lectureId, userId, "key");
  await claim(edge.redis, { lectureId, userId, rid });
  return { userId, lectureId, rid };
}

async function read(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

const rid = `7-${"0".repeat(32)}`;
const confirmed = {
  id: rid,
  lectureId: "7",
  status: "confirmed",
  decidedAt: "2026-01-02T03:04:05.000Z",
};

test("a reservation comes from the origin unchanged, asked for the session's user", async () => {
  edge.origin.answer(() => Response.json(confirmed));
  const response = await send("GET", `/api/reservations/${rid}`, "s-1", { Prefer: "wait=3" });
  expect(response.status).toBe(200);
  expect(await read(response)).toEqual(confirmed);
  expect(response.headers.get("retry-after")).toBeNull();
  expect(edge.origin.heard.map(({ path }) => path)).toEqual([
    `/reservations/${rid}?user=s-1&waitMs=3000`,
  ]);
  expect(response.headers.get("preference-applied")).toBeNull();
});

test("Preference-Applied names the wait only where the origin waited", async () => {
  const get = (wait: string) => send("GET", `/api/reservations/${rid}`, "s-1", { Prefer: wait });
  edge.origin.answer(() => Response.json(confirmed, { headers: { "Lectern-Waited": "1" } }));
  expect((await get("wait=3")).headers.get("preference-applied")).toBe("wait=3");
  expect((await get("respond-async")).headers.get("preference-applied")).toBeNull();
  expect((await get('foo="x, wait=3"')).headers.get("preference-applied")).toBeNull();
  expect(edge.origin.heard.at(-1)?.path).toBe(`/reservations/${rid}?user=s-1`);
  edge.origin.answer(() => refuse("reservation_not_found", 404));
  expect((await get("wait=3")).headers.get("preference-applied")).toBeNull();
});

test("a claim that is not queued yet is pending for its owner, missing for others", async () => {
  const { userId, lectureId, rid } = await claimed();
  const own = await send("GET", `/api/reservations/${rid}`, userId);
  expect(own.status).toBe(200);
  expect(await read(own)).toEqual({ id: rid, lectureId, status: "pending" });
  expect(own.headers.get("retry-after")).toMatch(/^[1-9]/);
  const other = await send("GET", `/api/reservations/${rid}`, randomUserId());
  expect([other.status, (await read(other))["code"]]).toEqual([404, "reservation_not_found"]);
  const another = await send("GET", `/api/reservations/${lectureId}-${"0".repeat(32)}`, userId);
  expect(another.status).toBe(404);
});

test("when the origin does not answer, the status comes from the user's own claim", async () => {
  const { userId, lectureId, rid } = await claimed();
  const status = async () => read(await send("GET", `/api/reservations/${rid}`, userId));
  for (const answer of [
    new Response("broken", { status: 500 }),
    refuse("unauthenticated", 401),
    refuse("unavailable", 503),
  ]) {
    edge.origin.answer(() => answer.clone());
    expect(await status()).toEqual({ id: rid, lectureId, status: "pending", degraded: true });
  }
  await settle(edge.redis, lectureId, [{ userId, rid, status: "confirmed", claimedAtMs: 1 }]);
  expect(await status()).toEqual({ id: rid, lectureId, status: "confirmed", degraded: true });
});

test("when neither origin nor claim can tell, the status is unavailable, not missing", async () => {
  const { userId, rid } = await claimed();
  edge.wire.ignores = "";
  const withoutRedis = await send("GET", `/api/reservations/${rid}`, userId);
  edge.wire.ignores = undefined;
  edge.origin.answer(() => new Response("broken", { status: 500 }));
  const withoutOrigin = await send("GET", `/api/reservations/${rid}`, randomUserId());
  for (const response of [withoutRedis, withoutOrigin]) {
    expect([response.status, (await read(response))["code"]]).toEqual([503, "unavailable"]);
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  }
});

test("a cancel decided during the wait is 200; the origin gets the session's user", async () => {
  const cancelled = { ...confirmed, status: "cancelled" };
  edge.origin.answer(() => Response.json({ queued: true, reservation: cancelled }));
  const response = await send("DELETE", `/api/reservations/${rid}`, "s-1", { Prefer: "wait=2" });
  expect(response.status).toBe(200);
  expect(await read(response)).toEqual(cancelled);
  expect(edge.origin.heard[0]?.body).toEqual({
    command: {
      kind: "cancel",
      rid,
      lectureId: "7",
      userId: "s-1",
      requestedAtMs: expect.any(Number),
    },
    waitMs: 2_000,
  });
});

test("a cancel that is on its way is 202 with where to ask", async () => {
  edge.origin.answer(() =>
    Response.json({ queued: true, reservation: { ...confirmed, status: "pending" } }),
  );
  const response = await send("DELETE", `/api/reservations/${rid}`, "s-1");
  expect(response.status).toBe(202);
  expect(response.headers.get("location")).toBe(`/api/reservations/${rid}`);
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
});

test("an unsure cancel is 202 if its command is kept, else it has to be sent again", async () => {
  edge.origin.answer(() =>
    Response.json({ queued: false, reservation: { ...confirmed, status: "pending" } }),
  );
  const kept = await send("DELETE", `/api/reservations/${rid}`, "s-1");
  expect([kept.status, (await read(kept))["degraded"]]).toEqual([202, true]);
  edge.origin.answer(() => new Response(null, { status: 502 }));
  const lost = await send("DELETE", `/api/reservations/${rid}`, "s-1");
  expect([lost.status, (await read(lost))["code"]]).toEqual([503, "unavailable"]);
});

test.each([
  ["not_cancellable", 409],
  ["not_decided", 409],
  ["reservation_not_found", 404],
])("a cancel that is refused as %s is answered so", async (code, status) => {
  edge.origin.answer(() => refuse(code, status));
  const response = await send("DELETE", `/api/reservations/${rid}`, "s-1");
  expect([response.status, (await read(response))["code"]]).toEqual([status, code]);
});

test("a late cancel is told until when it was possible, in both languages", async () => {
  const cancelUntil = "2026-12-01T10:30:00.000Z";
  edge.origin.answer(() => Response.json({ code: "too_late", cancelUntil }, { status: 409 }));
  const [english, chinese] = await Promise.all(
    ["en", "zh-CN"].map(async (language) => {
      const headers = { "Accept-Language": language };
      const response = await send("DELETE", `/api/reservations/${rid}`, "s-1", headers);
      expect(response.status).toBe(409);
      return await read(response);
    }),
  );
  expect(english).toMatchObject({ code: "too_late", cancelUntil });
  expect(english?.["detail"]).toContain("2026-12-01 10:30 UTC");
  expect(chinese).toMatchObject({ code: "too_late", cancelUntil });
  expect(chinese?.["detail"]).toContain("2026-12-01 10:30");
});

test("the overlaps of a seat are told as the origin tells them", async () => {
  const overlaps = [
    {
      lectureId: "8",
      title: "Quanta",
      startsAt: "2026-12-01T10:30:00.000Z",
      endsAt: "2026-12-01T12:00:00.000Z",
    },
  ];
  edge.origin.answer(() => Response.json({ ...confirmed, overlaps }));
  const response = await send("GET", `/api/reservations/${rid}`, "s-1");
  expect(await read(response)).toEqual({ ...confirmed, overlaps });
});

test("a claim unknown to the origin cannot be cancelled yet; Retry-After says when", async () => {
  const { userId, lectureId, rid } = await claimed();
  const response = await send("DELETE", `/api/reservations/${rid}`, userId);
  expect([response.status, (await read(response))["code"]]).toEqual([409, "not_decided"]);
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  expect(await edge.redis.hget(redisKeys.claims(lectureId), userId)).toEndWith(rid);
});
