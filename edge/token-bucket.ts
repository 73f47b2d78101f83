import { errors, type Redis } from "@upstash/redis/cloudflare";
import { evalsha, type RedisCommand, type RedisReply } from "../admission/redis-command.ts";
import type { Bucket } from "./config.ts";
import { createLocalBuckets } from "./local-buckets.ts";
import {
  argumentsOf,
  libraryBucket,
  REFILL_EVERY_MS,
  scriptOnRedisClock,
  sendingInPlace,
} from "./ratelimit-internals.ts";

/** A bucket's answer to the request for a token. */
export interface Taken {
  success: boolean;
  /** how long until the bucket's next refill, in milliseconds */
  refillsInMs: number;
  remaining: number;
}

/**
 * The token buckets of one kind of name. Redis holds their contents, and its clock refills them.
 */
export interface TokenBucket {
  /**
   * How long until there is a token, as far as is known here, in milliseconds; 0 if there is one.
   * Takes no token.
   */
  waitHere(id: string): number;
  /** Takes here the token that `waitHere` has found. */
  takeHere(id: string): void;
  /** Gives back here a token that Redis may not have taken. */
  giveBackHere(id: string): void;
  /** The command that takes a token in Redis, to be sent with other commands. */
  commandOf(id: string): RedisCommand;
  /** Reads Redis' reply to that command. Throws its error: the outcome is unknown then. */
  read(id: string, reply: RedisReply): Taken;
  /** Takes a token in Redis on its own, and gives Redis the script if it does not know it. */
  take(id: string): Promise<Taken>;
}

/**
 * The buckets of @upstash/ratelimit: its script and arguments, on Redis' clock. The library's class
 * is left out. Its timeout ends in success and would let every request through. Its memory grows
 * without end, and each token costs five promises.
 */
export function openTokenBucket(
  redis: Redis,
  name: "user" | "address",
  bucket: Bucket,
): TokenBucket {
  const { tokens, refillPerS } = bucket;
  const limiter = libraryBucket(tokens, refillPerS);
  const prefix = `lectern:limit:${name}`;
  const keyOf = (id: string) => `${prefix}:${id}`;
  const timed = scriptOnRedisClock(limiter);
  const inPlace = sendingInPlace(redis, timed);
  const local = createLocalBuckets(bucket);

  /** A refused request finds -1 left. */
  function takenOf(left: number, refillsInMs: number): Taken {
    return { success: left >= 0, refillsInMs, remaining: Math.max(0, left) };
  }

  return {
    waitHere: local.waitMs,
    takeHere: local.take,
    giveBackHere: local.giveBack,
    commandOf: (id) => evalsha(timed.sha1, [keyOf(id)], argumentsOf(tokens, refillPerS)),
    read(id, { result, error }) {
      if (error !== undefined) throw new errors.UpstashError(error);
      const [left, refillsInMs] = result as [number, number];
      const taken = takenOf(left, refillsInMs);
      local.learn(id, taken.remaining + refilledSince(refillsInMs));
      return taken;
    },
    async take(id) {
      const { success, remaining, reset } = await limiter.limit(
        { redis: inPlace, prefix },
        keyOf(id),
      );
      return takenOf(success ? remaining : -1, reset);
    },
  };

  /** The gain of a steadily refilled bucket since the last refill, in tokens. */
  function refilledSince(refillsInMs: number): number {
    const agoMs = REFILL_EVERY_MS - Math.min(REFILL_EVERY_MS, Math.max(0, refillsInMs));
    return (agoMs * refillPerS) / 1_000;
  }
}
