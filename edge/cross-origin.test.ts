import { afterAll, beforeEach, expect, test } from "bun:test";
import { redisKeys } from "../contract/names.ts";
import {
  bodyOf,
  enterStudent,
  loadOpenLecture,
  randomUserId,
  startEdgeAlone,
  tokenFor,
} from "../test/edge-alone.ts";
import { answerCommand } from "../test/stub-origin.ts";

const edge = startEdgeAlone();
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
  edge.origin.answer(answerCommand());
});

const HERE = "http://book.campus.test";
const SIBLING = { Origin: "http://news.campus.test", "Sec-Fetch-Site": "same-site" };
const FORM = { ...SIBLING, "Content-Type": "application/x-www-form-urlencoded" };

type Sent = Record<string, string>;

async function cookieOf(userId: string): Promise<Sent> {
  return { Cookie: `lectern_session=${await tokenFor(userId, edge.env.SESSION_KEYS)}` };
}

async function send(method: string, path: string, headers: Sent, body?: string) {
  const before = edge.wire.requests.length;
  const init = { method, headers, ...(body !== undefined && { body }) };
  const response = await edge.fetch(HERE + path, init);
  const code = response.status === 204 ? undefined : (await bodyOf(response))["code"];
  return {
    answer: code === undefined ? response.status : `${response.status} ${code}`,
    cookies: response.headers.getSetCookie(),
    asked: edge.wire.requests.length - before + edge.origin.heard.length,
  };
}

test.each<[string, Sent]>([
  ["a sibling's plain form", FORM],
  ["a sibling's no-cors fetch", SIBLING],
  ["another site", { Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" }],
  ["a sandboxed page", { Origin: "null" }],
  ["an old browser that tells no origin", {}],
  ["our host over HTTPS, where this is plain HTTP", { Origin: "https://book.campus.test" }],
])(
  "%s neither books nor cancels by the student's cookie; no server hears of it",
  async (_, from) => {
    const lectureId = await loadOpenLecture(edge.redis);
    const userId = randomUserId();
    const headers = { ...(await cookieOf(userId)), ...from };
    const rid = `${lectureId}-${"0".repeat(32)}`;
    for (const [method, path] of [
      ["POST", `/api/lectures/${lectureId}/reservations`],
      ["DELETE", `/api/reservations/${rid}`],
    ] as const)
      expect(await send(method, path, headers)).toMatchObject({
        answer: "403 cross_origin",
        asked: 0,
      });
    expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(0);
    expect((await send("GET", "/api/me", headers)).answer).toBe(200);
  },
);

test.each<[string, Sent]>([
  ["Origin", { Origin: HERE }],
  ["Sec-Fetch-Site where there is no Origin", { "Sec-Fetch-Site": "same-origin" }],
])("a page of ours books by the cookie, as told by %s", async (_, from) => {
  const lectureId = await loadOpenLecture(edge.redis);
  const headers = { ...(await cookieOf(randomUserId())), ...from };
  expect((await send("POST", `/api/lectures/${lectureId}/reservations`, headers)).answer).toBe(202);
});

test("a Bearer token needs no origin, and books from any", async () => {
  for (const from of [{}, SIBLING]) {
    const lectureId = await loadOpenLecture(edge.redis);
    const token = await tokenFor(randomUserId(), edge.env.SESSION_KEYS);
    const headers = {
      ...from,
      Authorization: `Bearer ${token}`,
      ...(await cookieOf(randomUserId())),
    };
    expect((await send("POST", `/api/lectures/${lectureId}/reservations`, headers)).answer).toBe(
      202,
    );
  }
});

test.each([
  ["a Bearer that is none", "Bearer x", "401 unauthenticated"],
  [
    "another scheme, as of user and password in an address",
    `Basic ${btoa("a:b")}`,
    "403 cross_origin",
  ],
  ["an empty Bearer", "Bearer", "403 cross_origin"],
  ["a token in the cookie's name", "lectern_session", "403 cross_origin"],
])("%s beside a live cookie opens nothing to a sibling", async (_, Authorization, answer) => {
  const lectureId = await loadOpenLecture(edge.redis);
  const headers = { ...SIBLING, Authorization, ...(await cookieOf(randomUserId())) };
  expect(await send("POST", `/api/lectures/${lectureId}/reservations`, headers)).toMatchObject({
    answer,
    asked: 0,
  });
});

test("a token known as a cookie is not found under a header of the same text", async () => {
  const token = await tokenFor(randomUserId(), edge.env.SESSION_KEYS);
  expect((await send("GET", "/api/me", { Cookie: `lectern_session=${token}` })).answer).toBe(200);
  expect((await send("GET", "/api/me", { Authorization: token })).answer).toBe(
    "401 unauthenticated",
  );
});

test("no page of another origin signs a student out, or in as somebody else", async () => {
  const signIn = { "Content-Type": "application/json" };
  const [demo, out] = ["/api/auth/demo", "/api/auth/sign-out"];
  const student = '{"studentNumber":"20260001"}';
  const token = await tokenFor("s-20260001", edge.env.SESSION_KEYS);
  edge.origin.answer(() => Response.json({ token, expiresAt: new Date().toISOString() }));
  const cookie = await cookieOf(randomUserId());
  for (const from of [SIBLING, { ...SIBLING, ...cookie }, cookie]) {
    const refused = { answer: "403 cross_origin", cookies: [], asked: 0 };
    expect(await send("POST", demo, { ...signIn, ...from }, student)).toEqual(refused);
    expect(await send("POST", out, from)).toEqual(refused);
  }
  for (const from of [{}, { Origin: HERE }, { Origin: HERE, ...cookie }]) {
    expect((await send("POST", demo, { ...signIn, ...from }, student)).answer).toBe(200);
    expect((await send("POST", out, from)).answer).toBe(204);
  }
});

test("memory refuses our page's press; a sibling's page learns nothing from it", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  const path = `/api/lectures/${lectureId}/reservations`;
  const cookie = await cookieOf(randomUserId());
  const fresh = async () => {
    // The edge learns the refusal, or has it in memory.
    expect((await (await enterStudent(edge)).press(lectureId)).status).toBe(409);
  };
  // The first look at a token checks it, the next look finds it known: both ways are tested.
  for (const _ of [1, 2]) {
    await fresh();
    expect(await send("POST", path, { ...cookie, ...SIBLING })).toMatchObject({
      answer: "403 cross_origin",
      asked: 0,
    });
    await fresh();
    expect((await send("POST", path, { ...cookie, Origin: HERE })).answer).toBe("409 sold_out");
  }
});
