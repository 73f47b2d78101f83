import { afterAll, afterEach, expect, setSystemTime, test } from "bun:test";
import { Ratelimit } from "@upstash/ratelimit";
import { openSend } from "../admission/send.ts";
import { startPrivateRedis } from "../test/private/private-redis.ts";
import { startTestFront, TOKEN } from "../test/private/redis-front.ts";
import { openLimits } from "./limits.ts";
import { openRoundTrips } from "./round-trips.ts";

/** This file's own Redis: the other tests share a Redis that knows the script. */
const server = await startPrivateRedis();
const front = await startTestFront({ redisUrl: server.url });
const roundTrips = openRoundTrips(openSend({ url: front.url, token: TOKEN, timeoutMs: 5_000 }));
const bucket = { tokens: 3, refillPerS: 1 };
const limits = openLimits(roundTrips, { user: bucket, address: bucket });
const library = Ratelimit.tokenBucket(bucket.refillPerS, "1 s", bucket.tokens)();

afterEach(() => {
  setSystemTime();
});
afterAll(async () => {
  await front.close();
  await server.remove();
});

/** Buckets that gain nothing during a test. */
const still = {
  user: { tokens: 20, refillPerS: 0.001 },
  address: { tokens: 1, refillPerS: 0.001 },
};

const { redis } = roundTrips;
const QUARTER_HOUR_MS = 900_000;

/** Sets the edge's clock and leaves Redis' clock as it is. */
function setEdgeClock(byMs: number): void {
  setSystemTime(new Date(Date.now() + byMs));
}

async function redisNowMs(): Promise<number> {
  const [seconds, micros] = (await redis.time()).map(Number);
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

/** An address with an empty bucket, last refilled `agoMs` milliseconds ago by Redis' clock. */
async function emptiedBefore(agoMs: number): Promise<string> {
  const address = `addr-${crypto.randomUUID()}`;
  const refilledAt = (await redisNowMs()) - agoMs;
  await redis.hset(`lectern:limit:address:${address}`, { refilledAt, tokens: 0 });
  return address;
}

async function leftOf(name: "user" | "address", id: string): Promise<number> {
  const prefix = `lectern:limit:${name}`;
  return (await library.getRemaining({ redis: roundTrips.redis, prefix }, `${prefix}:${id}`))
    .remaining;
}

test("a Redis without the script gets it, then runs it by hash; a token counts once", async () => {
  const left = async () => [await leftOf("user", "u1"), await leftOf("address", "192.0.2.1")];
  expect(await limits.take("u1", "192.0.2.1")).toEqual({ outcome: "passed" });
  expect(await left()).toEqual([2, 2]);
  expect(await limits.take("u1", "192.0.2.1")).toEqual({ outcome: "passed" });
  expect(await left()).toEqual([1, 1]);
});

test("a bucket that others have emptied in Redis turns away, until its next token", async () => {
  const prefix = "lectern:limit:address";
  for (const _ of [1, 2, 3])
    await library.limit({ redis: roundTrips.redis, prefix }, `${prefix}:192.0.2.2`);
  const limit = await limits.takeOfAddress("192.0.2.2");
  expect(limit.outcome).toBe("limited");
  expect(limit.outcome === "limited" && limit.retryAfterMs).toBeWithin(0, 1_001);
});

test.each([
  ["fast", QUARTER_HOUR_MS],
  ["slow", -QUARTER_HOUR_MS],
])(
  "an edge whose clock is %s fills a bucket up when Redis' clock says so, and tells the wait by it",
  async (_, byMs) => {
    const [justEmptied, longEmpty] = [await emptiedBefore(0), await emptiedBefore(10_000)];
    setEdgeClock(byMs);
    const limit = await openLimits(roundTrips, still).takeOfAddress(justEmptied);
    expect(limit.outcome).toBe("limited");
    expect(limit.outcome === "limited" && limit.retryAfterMs).toBeWithin(1, 1_001);
    expect(await limits.takeOfAddress(longEmpty)).toEqual({ outcome: "passed" });
  },
);

test.each([
  ["fast", QUARTER_HOUR_MS],
  ["slow", -QUARTER_HOUR_MS],
])("an edge whose clock is %s writes no time of its own into a bucket", async (_, byMs) => {
  const address = `addr-${crypto.randomUUID()}`;
  const fromMs = await redisNowMs();
  setEdgeClock(byMs);
  await limits.takeOfAddress(address);
  const refilledAt = Number(await redis.hget(`lectern:limit:address:${address}`, "refilledAt"));
  expect(refilledAt).toBeWithin(fromMs, (await redisNowMs()) + 1);
});

test("behind an address without tokens a user loses none, and Redis is not asked", async () => {
  const asked: number[] = [];
  const { take } = openLimits(
    {
      redis,
      exchange(commands) {
        asked.push(commands.length);
        return roundTrips.exchange(commands);
      },
    },
    still,
  );
  const [student, full, elsewhere] = ["a", "b", "c"].map(
    (name) => `${name}-${crypto.randomUUID()}`,
  );
  expect(await take(`${student}-first`, `${full}`)).toEqual({ outcome: "passed" });
  for (let press = 0; press < 22; press++)
    expect((await take(`${student}`, `${full}`)).outcome).toBe("limited");
  expect(asked).toEqual([2]);
  expect(await take(`${student}`, `${elsewhere}`)).toEqual({ outcome: "passed" });
  expect(await leftOf("user", `${student}`)).toBe(19);
});

test("presses during an outage of Redis cost no tokens once Redis is back", async () => {
  let isAway = true;
  const { takeOfAddress } = openLimits(
    {
      redis,
      exchange: (commands) =>
        isAway ? Promise.reject(new Error("Redis is away")) : roundTrips.exchange(commands),
    },
    still,
  );
  const address = `addr-${crypto.randomUUID()}`;
  for (let press = 0; press < 3; press++)
    expect((await takeOfAddress(address)).outcome).toBe("unknown");
  isAway = false;
  expect(await takeOfAddress(address)).toEqual({ outcome: "passed" });
  expect((await takeOfAddress(address)).outcome).toBe("limited");
});

test("an edge's count of a bucket never lags behind what Redis refills at once", async () => {
  const address = await emptiedBefore(900);
  // Redis adds a token in 0.1 s. The count here must not take a whole second from now on.
  const limit = await limits.takeOfAddress(address);
  const again = limit.outcome === "limited" ? await limits.takeOfAddress(address) : limit;
  expect(again.outcome === "limited" ? again.retryAfterMs : 0).toBeWithin(0, 101);
});
