import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { openAdmission } from "../admission/opening.ts";
import { openRedis } from "../admission/redis.ts";
import { startFront } from "../redis-front/front.ts";
import {
  bodyOf,
  type EdgeAlone,
  enterStudent,
  loadOpenLecture,
  startEdgeAlone,
} from "../test/edge-alone.ts";
import { startPrivateRedis } from "../test/private/private-redis.ts";
import { addressOf, eventually } from "../test/servers.ts";
import { answerCommand, refuse } from "../test/stub-origin.ts";
import { isOriginOutage, isRedisOutage } from "./breakers.ts";

let edge: EdgeAlone;
beforeEach(() => {
  edge = startEdgeAlone({
    REDIS_TIMEOUT_MS: "300",
    ORIGIN_TIMEOUT_MS: "300",
    USER_BUCKET_TOKENS: "1000",
  });
  edge.origin.answer(answerCommand());
});
afterEach(() => edge.close());

const ended: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ended.reverse()) await end();
});

const down = () => new Response("bad gateway", { status: 502 });

/** Asks until the answer has the status. The open breaker admits one call a second. */
function untilStatus(
  status: number,
  ask: () => Response | Promise<Response>,
): Promise<true | undefined> {
  return eventually(
    `an answer is ${status}`,
    async () => (await ask()).status === status || undefined,
  );
}

test("a silent Redis makes booking 503 unasked, lectures are read, and it recovers", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const { press } = await enterStudent(edge);
  edge.wire.ignores = "";
  await Promise.all(Array.from({ length: 5 }, () => press(lectureId)));
  const before = edge.wire.requests.length;
  const refused = await press(lectureId);
  expect([refused.status, (await bodyOf(refused))["code"]]).toEqual([503, "unavailable"]);
  expect(refused.headers.get("retry-after")).toMatch(/^[1-9]/);
  expect(edge.wire.requests.length).toBe(before);

  edge.origin.answer(() => Response.json({ lectures: [] }));
  expect((await edge.fetch("/api/lectures")).status).toBe(200);

  edge.origin.answer(answerCommand());
  edge.wire.ignores = undefined;
  await untilStatus(202, () => press(lectureId));
});

test("while the origin is down a claim is 202 unasked; it is asked again when back", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const students = await Promise.all(Array.from({ length: 6 }, () => enterStudent(edge)));
  edge.origin.answer(down);
  for (const { press } of students.slice(0, 5)) expect((await press(lectureId)).status).toBe(202);
  const before = edge.origin.heard.length;
  const answer = await students[5]?.press(lectureId);
  expect(answer?.status).toBe(202);
  expect(await bodyOf(answer as Response)).toMatchObject({ status: "pending", degraded: true });
  expect(edge.origin.heard.length).toBe(before);

  edge.origin.answer(() => Response.json({ lectures: [] }));
  await untilStatus(200, () => edge.fetch("/api/lectures"));
});

test("an origin that refuses, or admits what it cannot do, keeps its breaker closed", async () => {
  for (const [code, status] of [
    ["unavailable", 503],
    ["lecture_not_found", 404],
  ] as const) {
    edge.origin.answer(() => refuse(code, status));
    for (let at = 0; at < 8; at += 1)
      expect((await edge.fetch(`/api/lectures/${at + 1}`)).status).toBe(status);
  }
  expect(edge.origin.heard).toHaveLength(16);
  expect(isOriginOutage(Response.json({ code: "unavailable" }, { status: 503 }))).toBe(false);
  expect(isOriginOutage(new Response(null, { status: 503 }))).toBe(true);
  expect(isOriginOutage(Response.json({ code: "unauthenticated" }, { status: 401 }))).toBe(false);
});

test("a wait for a decision far beyond the timeout is no failure of the origin", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 20 });
  edge.origin.answer(async (heard) => {
    if (heard.path === "/commands") await Bun.sleep(600);
    return heard.path === "/commands" ? answerCommand()(heard) : Response.json({ lectures: [] });
  });
  const waits = Array.from({ length: 6 }, async () => {
    const { press } = await enterStudent(edge);
    return (await bodyOf(await press(lectureId, { Prefer: "wait=1" })))["degraded"];
  });
  expect(await Promise.all(waits)).toEqual(Array(6).fill(undefined));
  expect((await edge.fetch("/api/lectures")).status).toBe(200);
});

test("refusals of one command by Redis are no outage of Redis", () => {
  const upstash = (message: string) => Object.assign(new Error(message), { name: "UpstashError" });
  const refusals = [
    "NOSCRIPT No matching script",
    "WRONGTYPE Operation",
    "NOPERM this user has no permissions",
    "ERR unknown command",
    "ERR user_script:1: Script attempted to access nonexistent global variable",
  ].map(upstash);
  const outages = [
    "UNKNOWN no reply",
    "NOTSENT Redis is not connected",
    "LOADING Redis is loading",
    "READONLY You can't write against a read only replica.",
    "MISCONF Redis is configured to save RDB snapshots, but it's unable to persist to disk.",
    "ERR max daily request limit exceeded. Limit: 10000, Usage: 10000.",
    "NEWERROR of a version to come",
  ].map(upstash);
  expect(refusals.map(isRedisOutage)).toEqual(refusals.map(() => false));
  expect(
    [...outages, new TypeError("refused"), upstash("undefined")].map(isRedisOutage),
  ).not.toContain(false);
});

test.each(["frozen", "killed"])("booking heals by itself from a Redis that was %s", async (how) => {
  const redis = await startPrivateRedis();
  ended.push(redis.remove);
  const token = addressOf("UPSTASH_REDIS_REST_TOKEN");
  const silent = { info() {}, warn() {}, error() {} };
  const front = await startFront({
    host: "127.0.0.1",
    port: 0,
    token,
    redisUrl: redis.url,
    log: silent,
    commandTimeoutMs: 300,
  });
  ended.push(front.close);
  const own = startEdgeAlone({
    UPSTASH_REDIS_REST_URL: front.url,
    REDIS_TIMEOUT_MS: "2000",
    USER_BUCKET_TOKENS: "1000",
  });
  ended.push(own.close);
  own.origin.answer(answerCommand());
  const client = openRedis({ url: front.url, token, timeoutMs: 2_000 });
  const lectureId = await loadOpenLecture(client);
  const { press } = await enterStudent(own);

  if (how === "frozen") redis.freeze();
  else await redis.kill();
  const answers = await Promise.all(Array.from({ length: 6 }, () => press(lectureId)));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(503));
  expect((await press(lectureId)).headers.get("retry-after")).toMatch(/^[1-9]/);

  if (how === "frozen") redis.thaw();
  else await redis.start();
  // A restarted Redis has forgotten the scripts of admission; a worker gives them back.
  await eventually("Redis takes the scripts", () =>
    openAdmission(client)
      .then(() => true)
      .catch(() => false),
  );
  // A thawed Redis may run the commands it got while frozen: the first student may hold a seat by
  // now.
  await untilStatus(202, async () => (await enterStudent(own)).press(lectureId));
});
