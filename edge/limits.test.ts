import { afterAll, expect, test } from "bun:test";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";
import { eventually } from "../test/servers.ts";
import { answerCommand, refuse } from "../test/stub-origin.ts";

const SETTINGS = {
  USER_BUCKET_TOKENS: "2",
  USER_BUCKET_REFILL_PER_S: "1",
  ADDRESS_BUCKET_TOKENS: "3",
  ADDRESS_BUCKET_REFILL_PER_S: "1",
  CLIENT_ADDRESS_HEADER: "X-Client",
};
const edge = startEdgeAlone(SETTINGS);
edge.origin.answer(() => refuse("route_not_found", 404));
afterAll(() => edge.close());

/** An address no other test uses. */
function randomAddress(): string {
  return crypto.getRandomValues(new Uint8Array(4)).join(".");
}

async function press(
  userId: string,
  address: string,
  lectureId: string,
  at = edge,
): Promise<Response> {
  return at.fetch(`/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await tokenFor(userId, at.env.SESSION_KEYS)}`,
      "X-Client": address,
      "Idempotency-Key": "same",
    },
  });
}

function soldOut(): Promise<string> {
  return loadOpenLecture(edge.redis, { capacity: 0 });
}

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as Record<string, unknown>)["code"];
}

test("a user who presses more often than the bucket holds is 429 from any address", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const userId = randomUserId();
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() => press(userId, randomAddress(), lectureId)),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(3);
  for (const response of refused) {
    expect(await codeOf(response)).toBe("rate_limited");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  }
});

test("an address that presses more often than the bucket holds is 429 for any user", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const address = randomAddress();
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() => press(randomUserId(), address, lectureId)),
  );
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
});

test("a bucket that is known to be empty is not asked for again", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const [userId, address] = [randomUserId(), randomAddress()];
  // On a busy machine a token may have come back before the third press.
  await eventually("a press is refused without a question", async () => {
    const before = edge.wire.requests.length;
    const { status } = await press(userId, address, lectureId);
    return status === 429 && edge.wire.requests.length === before;
  });
});

test("tokens taken at another edge count here: a sent claim stands, all else is 429", async () => {
  const other = startEdgeAlone({
    ...edge.env,
    USER_BUCKET_TOKENS: "2",
    USER_BUCKET_REFILL_PER_S: "1",
  });
  other.origin.answer(answerCommand());
  const [userId, taken, open] = [
    randomUserId(),
    await soldOut(),
    await loadOpenLecture(edge.redis),
  ];
  const authorization = {
    Authorization: `Bearer ${await tokenFor(userId, edge.env.SESSION_KEYS)}`,
  };
  const there = (lectureId: string) =>
    other.fetch(`/api/lectures/${lectureId}/reservations`, {
      method: "POST",
      headers: authorization,
    });
  for (const lectureId of [await soldOut(), await soldOut()])
    expect((await press(userId, randomAddress(), lectureId)).status).toBe(409);
  expect((await there(open)).status).toBe(202);
  expect((await there(taken)).status).toBe(429);
  await other.close();
});

test("an address that signs in too often is 429, and the origin hears of no more", async () => {
  const headers = { "Content-Type": "application/json", "X-Client": randomAddress() };
  const before = edge.origin.heard.length;
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() =>
      edge.fetch("/api/auth/demo", {
        method: "POST",
        headers,
        body: '{"studentNumber":"20260001"}',
      }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([404, 404, 404, 429, 429]);
  expect(edge.origin.heard.length - before).toBe(3);
});

test("a bucket that does not answer lets no request pass, to a seat or a session", async () => {
  const impatient = startEdgeAlone({ ...SETTINGS, REDIS_TIMEOUT_MS: "300" });
  const lectureId = await loadOpenLecture(impatient.redis);
  impatient.wire.ignores = "lectern:limit";
  const booking = await press(randomUserId(), randomAddress(), lectureId, impatient);
  const signIn = await impatient.fetch("/api/auth/demo", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Client": randomAddress() },
    body: '{"studentNumber":"20260001"}',
  });
  for (const response of [booking, signIn]) {
    expect([response.status, await codeOf(response)]).toEqual([503, "unavailable"]);
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  }
  expect(impatient.origin.heard).toEqual([]);
  await impatient.close();
});

test("a bucket behind a refused connection or a wrong token lets no request pass", async () => {
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
