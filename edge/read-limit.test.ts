import { afterAll, beforeEach, expect, test } from "bun:test";
import {
  bodyOf,
  loadOpenLecture,
  randomUserId,
  startEdgeAlone,
  tokenFor,
} from "../test/edge-alone.ts";
import { randomLectureId } from "../test/servers.ts";
import { lectureIn, shownLecture } from "../test/shown-lecture.ts";
import { createApp } from "./app.ts";
import { readEdgeConfig } from "./config.ts";
import { openDeps } from "./deps.ts";
import { createLocalBuckets } from "./local-buckets.ts";

const TOKENS = 3;

const edge = startEdgeAlone({ CLIENT_ADDRESS_HEADER: "X-Client", REDIS_TIMEOUT_MS: "300" });
/** Read buckets of the same edge that gain nothing during a test. */
const reads = createLocalBuckets({ tokens: TOKENS, refillPerS: 1 }, () => 0);
const app = createApp({ ...openDeps(readEdgeConfig(edge.env)), reads }, () => ({}));
const send = (path: string, init: RequestInit) =>
  app.fetch(new Request(new URL(path, "http://edge"), init), undefined);
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
  edge.origin.answer(({ path }) => Response.json(answerTo(path)));
});

/** The origin's answer to a read. */
function answerTo(path: string): object {
  if (path === "/lectures") return { lectures: [] };
  if (!path.startsWith("/lectures/")) return { reservations: [] };
  return shownLecture({ id: lectureIn(path) });
}

/** An address no other test uses. */
function randomAddress(): string {
  return crypto.getRandomValues(new Uint8Array(4)).join(".");
}

async function read(path: string, address: string, headers: Record<string, string> = {}) {
  const response = await send(path, { headers: { ...headers, "X-Client": address } });
  return {
    response,
    answer: [response.status, response.status < 400 ? undefined : (await bodyOf(response))["code"]],
  };
}

test.each([
  "/api/lectures",
  "/api/lectures/7",
  "/api/lectures/LECTURE/availability",
  "/api/reservations/RID",
  "/api/reservations/RID/events",
  "/api/me",
  "/api/me/reservations",
])(
  "a read of %s beyond the bucket is 429, and neither Redis nor the origin hears of it",
  async (template) => {
    const lectureId = await loadOpenLecture(edge.redis);
    const path = template
      .replace("LECTURE", lectureId)
      .replace("RID", `${lectureId}-${"0".repeat(32)}`);
    const headers = {
      Authorization: `Bearer ${await tokenFor(randomUserId(), edge.env.SESSION_KEYS)}`,
    };
    const address = randomAddress();
    const answers = await Promise.all(
      Array.from({ length: TOKENS }, () => read(path, address, headers)),
    );
    expect(answers.map(({ answer: [status] }) => status)).not.toContain(429);
    const before = edge.wire.requests.length + edge.origin.heard.length;
    const limited = await read(path, address, headers);
    expect(limited.answer).toEqual([429, "rate_limited"]);
    expect(limited.response.headers.get("retry-after")).toMatch(/^[1-9]/);
    expect(edge.wire.requests.length + edge.origin.heard.length).toBe(before);
    expect((await read(path, randomAddress(), headers)).answer[0]).not.toBe(429);
  },
);

test("an answer from memory costs a token too, and an unchanged one", async () => {
  const path = `/api/lectures/${randomLectureId()}`;
  const tag = (await read(path, randomAddress())).response.headers.get("etag") as string;
  const address = randomAddress();
  const statuses: unknown[] = [];
  for (let at = 0; at <= TOKENS; at += 1)
    statuses.push((await read(path, address, { "If-None-Match": tag })).answer[0]);
  expect(statuses).toEqual([...Array(TOKENS).fill(304), 429]);
});

test("an address without read tokens can still book", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  const address = randomAddress();
  for (let at = 0; at <= TOKENS; at++) await read("/api/lectures", address);
  const Authorization = `Bearer ${await tokenFor(randomUserId(), edge.env.SESSION_KEYS)}`;
  const headers = { Authorization, "X-Client": address };
  const press = await send(`/api/lectures/${lectureId}/reservations`, { method: "POST", headers });
  expect(press.status).toBe(409);
});

test("lectures are read while Redis is away, and no read asks it for a token", async () => {
  edge.wire.ignores = "";
  const before = edge.wire.requests.length;
  expect((await read("/api/lectures", randomAddress())).answer[0]).toBe(200);
  edge.wire.ignores = undefined;
  expect(edge.wire.requests.length).toBe(before);
});
