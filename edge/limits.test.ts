import { afterAll, expect, test } from "bun:test";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";
import { refuse } from "../test/stub-origin.ts";

const edge = startEdgeAlone({
  USER_BUCKET_TOKENS: "2",
  USER_BUCKET_REFILL_PER_S: "1",
  ADDRESS_BUCKET_TOKENS: "3",
  ADDRESS_BUCKET_REFILL_PER_S: "1",
  REDIS_TIMEOUT_MS: "300",
  CLIENT_ADDRESS_HEADER: "X-Client",
});
edge.origin.answer(() => refuse("route_not_found", 404));
afterAll(() => edge.close());

/** An address no other test uses. */
function randomAddress(): string {
  return crypto.getRandomValues(new Uint8Array(4)).join(".");
}

async function press(userId: string, address: string, lectureId: string): Promise<Response> {
  return edge.fetch(`/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await tokenFor(userId, edge.env.SESSION_KEYS)}`,
      "X-Client": address,
      "Idempotency-Key": "same",
    },
  });
}

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as Record<string, unknown>)["code"];
}

test("a user who presses more often than the bucket holds is told to wait, from whatever address", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const userId = randomUserId();
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => press(userId, randomAddress(), lectureId)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(3);
  for (const response of refused) {
    expect(await codeOf(response)).toBe("rate_limited");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  }
});

test("an address that presses more often than the bucket holds is told to wait, for whatever user", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const address = randomAddress();
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => press(randomUserId(), address, lectureId)));
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
});

test("an address that signs in too often is told to wait, and the origin hears only of the others", async () => {
  const headers = { "Content-Type": "application/json", "X-Client": randomAddress() };
  const before = edge.origin.heard.length;
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() =>
      edge.fetch("/api/auth/demo", { method: "POST", headers, body: '{"studentNumber":"20260001"}' }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([404, 404, 404, 429, 429]);
  expect(edge.origin.heard.length - before).toBe(3);
});

test("a bucket that does not answer lets nobody through: neither to a seat nor to a session", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  edge.wire.ignores = "lectern:limit";
  const before = edge.origin.heard.length;
  const booking = await press(randomUserId(), randomAddress(), lectureId);
  const signIn = await edge.fetch("/api/auth/demo", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Client": randomAddress() },
    body: '{"studentNumber":"20260001"}',
  });
  edge.wire.ignores = undefined;
  for (const response of [booking, signIn]) {
    expect([response.status, await codeOf(response)]).toEqual([503, "unavailable"]);
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  }
  expect(edge.origin.heard.length).toBe(before);
});

test("a bucket behind a refused connection or a wrong token lets nobody through either", async () => {
  for (const settings of [
    { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9" },
    { UPSTASH_REDIS_REST_TOKEN: "wrong" },
  ]) {
    const cut = startEdgeAlone(settings);
    const response = await cut.fetch("/api/auth/demo", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"studentNumber":"20260001"}',
    });
    expect([response.status, await codeOf(response)]).toEqual([503, "unavailable"]);
    await cut.close();
  }
});
