import { afterAll, expect, test } from "bun:test";
import { Ratelimit } from "@upstash/ratelimit";
import { openSend } from "../admission/send.ts";
import { startPrivateRedis } from "../stack/redis-http/private-redis.ts";
import { startTestFront, TOKEN } from "../stack/redis-http/test-front.ts";
import { openLimits } from "./limits.ts";
import { openRoundTrips } from "./round-trips.ts";

/** A Redis of this file's own, since all others that are tested share one that knows the script. */
const server = await startPrivateRedis();
const front = await startTestFront({ redisUrl: server.url });
const roundTrips = openRoundTrips(openSend({ url: front.url, token: TOKEN, timeoutMs: 5_000 }));
const bucket = { tokens: 3, refillPerS: 1 };
const limits = openLimits(roundTrips, { user: bucket, address: bucket });
const library = Ratelimit.tokenBucket(bucket.refillPerS, "1 s", bucket.tokens)();

afterAll(async () => {
  await front.close();
  await server.remove();
});

async function leftOf(name: "user" | "address", id: string): Promise<number> {
  const prefix = `lectern:limit:${name}`;
  return (await library.getRemaining({ redis: roundTrips.redis, prefix }, `${prefix}:${id}`)).remaining;
}

test("a Redis that does not know the library's script is given it, and then it is run by the hash; a token counts once either way", async () => {
  const left = async () => [await leftOf("user", "u1"), await leftOf("address", "192.0.2.1")];
  expect(await limits.take("u1", "192.0.2.1")).toEqual({ outcome: "passed" });
  expect(await left()).toEqual([2, 2]);
  expect(await limits.take("u1", "192.0.2.1")).toEqual({ outcome: "passed" });
  expect(await left()).toEqual([1, 1]);
});

test("a bucket that others have emptied in Redis turns away, until its next token", async () => {
  const prefix = "lectern:limit:address";
  for (const _ of [1, 2, 3]) await library.limit({ redis: roundTrips.redis, prefix }, `${prefix}:192.0.2.2`);
  const limit = await limits.takeOfAddress("192.0.2.2");
  expect(limit.outcome).toBe("limited");
  expect(limit.outcome === "limited" && limit.retryAfterMs).toBeWithin(0, 1_001);
});
