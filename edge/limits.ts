import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis/cloudflare";
import type { UserId } from "../contract/ids.ts";
import type { Bucket } from "./config.ts";
import { oneRoundTrip } from "./one-round-trip.ts";

/** `unknown`: Redis did not answer. That is no leave to pass: a booking that nobody counted would be one. */
export type LimitAnswer =
  | { outcome: "passed" }
  | { outcome: "limited"; retryAfterMs: number }
  | { outcome: "unknown"; error: unknown };

/** The token buckets that requests pay into before they reach the seats. */
export interface Limits {
  /** Takes one token of the address. */
  takeOfAddress(address: string): Promise<LimitAnswer>;
  /** Takes one token of the user and one of the address, in one Redis round trip. */
  takeOfBoth(userId: UserId, address: string): Promise<LimitAnswer>;
}

/** Opens the buckets; what is in them lives in Redis. */
export function openLimits(redis: Redis, buckets: { user: Bucket; address: Bucket }): Limits {
  const { commands, together } = oneRoundTrip(redis);
  const limiter = (name: "user" | "address") =>
    new Ratelimit({
      redis: commands,
      prefix: `lectern:limit:${name}`,
      limiter: Ratelimit.tokenBucket(buckets[name].refillPerS, "1 s", buckets[name].tokens),
      // The limiter's own timeout ends in success and would let everybody through; the client's ends in an error.
      timeout: 0,
      // It would grow without end, and Redis' answer is the one that counts.
      ephemeralCache: false,
    });
  const [ofUser, ofAddress] = [limiter("user"), limiter("address")];

  return {
    takeOfAddress: (address) => settle([ofAddress.limit(address)]),
    takeOfBoth: (userId, address) => settle(together(() => [ofUser.limit(userId), ofAddress.limit(address)])),
  };
}

async function settle(taken: ReturnType<Ratelimit["limit"]>[]): Promise<LimitAnswer> {
  try {
    const refusals = (await Promise.all(taken)).filter((answer) => !answer.success);
    if (refusals.length === 0) return { outcome: "passed" };
    const resetMs = Math.max(...refusals.map((refusal) => refusal.reset));
    return { outcome: "limited", retryAfterMs: Math.max(0, resetMs - Date.now()) };
  } catch (error) {
    return { outcome: "unknown", error };
  }
}
