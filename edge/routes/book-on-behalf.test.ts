import { afterAll, beforeEach, expect, test } from "bun:test";
import { Keyring } from "../../contract/keyring.ts";
import { redisKeys } from "../../contract/names.ts";
import type { BookedReport } from "../../contract/on-behalf.ts";
import { issueSession } from "../../origin/session-token.ts";
import { bodyOf, loadOpenLecture, randomUserId, startEdgeAlone } from "../../test/edge-alone.ts";
import { type HeardRequest, refuse } from "../../test/stub-origin.ts";

const edge = startEdgeAlone({ REDIS_TIMEOUT_MS: "500", ORIGIN_TIMEOUT_MS: "500" });
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
  edge.wire.requests.length = 0;
});

async function tokenOf(role: "student" | "organiser", userId = randomUserId()): Promise<string> {
  const keys = Keyring.parse(edge.env.SESSION_KEYS);
  const session = { userId, role, hosts: ["campus"], minutes: 5, nowMs: Date.now() };
  return (await issueSession(keys, session)).token;
}

async function send(
  lectureId: string,
  studentNumbers: string[],
  headers: Record<string, string> = {},
): Promise<Response> {
  return await edge.fetch(`/api/admin/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await tokenOf("organiser", "s-ORGANISER")}`,
      "Content-Type": "application/json",
      ...headers,
    },
    body: JSON.stringify({ studentNumbers }),
  });
}

const students = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(4, "0")}`);

/** The origin's part, without decisions. */
function asOrigin(request: HeardRequest): Response {
  if (request.path.startsWith("/admin/lectures/")) return listed(request);
  if (request.path === "/claims") {
    const { claims } = request.body as { claims: unknown[] };
    return Response.json({ queued: claims.length });
  }
  return Response.json({ reservations: [] });
}

function listed({ body }: HeardRequest): Response {
  const { studentNumbers } = body as { studentNumbers: string[] };
  return Response.json({
    students: studentNumbers.map((studentNumber, at) => ({ line: at + 1, studentNumber })),
  });
}

test("250 students cost three Redis trips and tokens, and origin calls under 16 KB", async () => {
  edge.origin.answer(asOrigin);
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 240 });
  const answer = await send(lectureId, students(250, "A"));
  expect(answer.status).toBe(202);
  const report = (await answer.json()) as BookedReport;
  expect(report.counts).toMatchObject({ pending: 240, refused: 10 });
  // Seats go to the first of the list.
  expect(report.rows.slice(240).map(({ code }) => code)).toEqual(Array(10).fill("sold_out"));
  const trips = edge.wire.requests.filter(({ body }) => body.includes(redisKeys.claims(lectureId)));
  expect(trips.length).toBe(3);
  const calls = edge.origin.heard.map(({ path, body }) => {
    expect(JSON.stringify(body).length).toBeLessThan(16_384);
    return path.split("?")[0];
  });
  expect(calls.filter((path) => path === "/claims").length).toBe(3);
  expect(calls[0]).toBe(`/admin/lectures/${lectureId}/students`);
  expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(240);
});

test("nothing is claimed before the origin says that the lecture is the organiser's", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  edge.origin.answer(() => refuse("lecture_not_found", 404));
  expect((await send(lectureId, ["A0001"])).status).toBe(404);
  edge.origin.answer(() => new Response("", { status: 502 }));
  expect((await send(lectureId, ["A0001"])).status).toBe(503);
  expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(0);
});

test("the origin's groups decide, and a student without a sign-in is told so", async () => {
  const groupsOf: Record<string, string[] | null | undefined> = {
    F0001: ["物理学院", "staff"],
    F0002: ["arts"],
    F0003: null,
    F0004: undefined,
  };
  edge.origin.answer((request) =>
    request.path.startsWith("/admin")
      ? Response.json({
          students: Object.entries(groupsOf).map(([studentNumber, groups], at) => ({
            line: at + 1,
            studentNumber,
            groups,
          })),
        })
      : asOrigin(request),
  );
  const lectureId = await loadOpenLecture(edge.redis, { audience: ["物理学院"] });
  const answer = await send(lectureId, Object.keys(groupsOf), { "Accept-Language": "zh" });
  const { rows } = (await answer.json()) as BookedReport;
  expect(rows.map(({ code, status }) => code ?? status)).toEqual([
    "pending",
    "not_eligible",
    "not_eligible",
    "not_eligible",
  ]);
  const texts = rows.map(({ message }) => message);
  expect(texts.map((text) => text?.includes("尚未登录过"))).toEqual([
    undefined,
    false,
    true,
    false,
  ]);
  const open = await loadOpenLecture(edge.redis);
  const { counts } = (await (await send(open, Object.keys(groupsOf))).json()) as BookedReport;
  expect(counts).toMatchObject({ pending: 4 });
});

test("where the hand-over is lost the claims stand, and a repeat claims nothing more", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  edge.origin.answer((request) =>
    request.path.startsWith("/admin") ? listed(request) : new Response("", { status: 500 }),
  );
  const headers = { "Idempotency-Key": "list" };
  const first = await send(lectureId, students(3, "B"), headers);
  expect([first.status, (await bodyOf(first))["counts"]]).toMatchObject([202, { pending: 3 }]);
  edge.origin.answer(asOrigin);
  const again = await bodyOf(await send(lectureId, students(3, "B"), headers));
  expect(again["counts"]).toMatchObject({ pending: 3 });
  expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(3);
});

test("a student's own press with the organiser's key is another booking", async () => {
  edge.origin.answer(asOrigin);
  const lectureId = await loadOpenLecture(edge.redis);
  const headers = { "Idempotency-Key": "click" };
  const { rows } = (await (await send(lectureId, ["C0001"], headers)).json()) as BookedReport;
  const press = await edge.fetch(`/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: { Authorization: `Bearer ${await tokenOf("student", "s-C0001")}`, ...headers },
  });
  expect(await bodyOf(press)).toMatchObject({
    code: "already_reserved",
    reservationId: rows[0]?.reservationId as string,
  });
});

test("where Redis' replies are lost, every row says unknown, and a repetition tells", async () => {
  edge.origin.answer(asOrigin);
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 500 });
  const headers = { "Idempotency-Key": "list" };
  edge.wire.losesRepliesTo = redisKeys.claims(lectureId);
  const lost = (await (await send(lectureId, students(150, "D"), headers)).json()) as BookedReport;
  edge.wire.losesRepliesTo = undefined;
  expect(lost.counts).toMatchObject({ unknown: 150 });
  expect(new Set(lost.rows.map(({ code }) => code))).toEqual(new Set(["unavailable"]));
  const again = (await (await send(lectureId, students(150, "D"), headers)).json()) as BookedReport;
  expect(again.counts).toMatchObject({ pending: 150 });
  expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(150);
});

test("while the queue takes nothing, no student gets a new claim", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 500 });
  edge.origin.answer((request) =>
    request.path === "/claims" ? Response.json({ queued: 0, closed: true }) : asOrigin(request),
  );
  for (let i = 0; i < 6; i += 1) await send(lectureId, students(2, `E${i}`));
  const held = await edge.redis.hlen(redisKeys.claims(lectureId));
  const refused = (await (await send(lectureId, students(2, "EE"))).json()) as BookedReport;
  expect(refused.rows).toMatchObject(Array(2).fill({ status: "refused", code: "unavailable" }));
  expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(held);
});
