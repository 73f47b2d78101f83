import { afterAll, describe, expect, test } from "bun:test";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";
import { startPrivateRedis } from "../test/private/private-redis.ts";
import { randomKey, startTestFront, TOKEN } from "../test/private/redis-front.ts";

const front = await startTestFront();
afterAll(front.close);

const redis = new Redis({ url: front.url, token: TOKEN, enableTelemetry: false });

/** The limiters last a day: none refills or changes its window within a test. */
const limiters: [string, ConstructorParameters<typeof Ratelimit>[0]["limiter"]][] = [
  ["token bucket", Ratelimit.tokenBucket(5, "1 d", 5)],
  ["sliding window", Ratelimit.slidingWindow(5, "1 d")],
  ["fixed window", Ratelimit.fixedWindow(5, "1 d")],
];

describe.each(limiters)("the stock %s", (_, limiter) => {
  const ratelimit = new Ratelimit({
    redis,
    limiter,
    prefix: randomKey(),
    ephemeralCache: false,
    timeout: 10_000,
  });

  test("lets exactly its limit through, one after the other and all at once", async () => {
    const allowed = async (tries: Promise<{ success: boolean; reason?: string }>[]) =>
      (await Promise.all(tries)).filter(({ success, reason }) => success && reason === undefined)
        .length;
    expect(await allowed([ratelimit.limit("a"), ratelimit.limit("a")])).toBe(2);
    expect(await ratelimit.limit("a")).toMatchObject({ success: true, limit: 5, remaining: 2 });
    expect(await allowed(Array.from({ length: 20 }, () => ratelimit.limit("a")))).toBe(2);
    expect(await ratelimit.limit("a")).toMatchObject({ success: false, remaining: 0 });
    expect(await ratelimit.limit("b")).toMatchObject({ success: true, remaining: 4 });
  });

  test("gives what is left, and starts again after a reset", async () => {
    await ratelimit.limit("c", { rate: 3 });
    expect(await ratelimit.getRemaining("c")).toMatchObject({ remaining: 2 });
    expect(await ratelimit.limit("c", { rate: 3 })).toMatchObject({ success: false });
    await ratelimit.resetUsedTokens("c");
    expect(await ratelimit.getRemaining("c")).toMatchObject({ remaining: 5 });
  });
});

test("limits go on after Redis has forgotten its scripts", async () => {
  const server = await startPrivateRedis();
  const own = await startTestFront({ redisUrl: server.url });
  const forgetful = new Redis({ url: own.url, token: TOKEN, enableTelemetry: false });
  const limiter = Ratelimit.fixedWindow(2, "1 d");
  const ratelimit = new Ratelimit({
    redis: forgetful,
    limiter,
    prefix: randomKey(),
    ephemeralCache: false,
  });
  expect(await ratelimit.limit("a")).toMatchObject({ success: true });
  await forgetful.scriptFlush({ sync: true });
  expect(await ratelimit.limit("a")).toMatchObject({ success: true, remaining: 0 });
  expect(await ratelimit.limit("a")).toMatchObject({ success: false });
  await own.close();
  await server.remove();
});
