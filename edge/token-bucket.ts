import { Ratelimit } from "@upstash/ratelimit";
import { errors, type Redis } from "@upstash/redis/cloudflare";
import { evalsha, type RedisCommand, type RedisReply } from "../admission/redis-command.ts";
import type { Bucket } from "./config.ts";
import { createLocalBuckets } from "./local-buckets.ts";

/** What came of asking a bucket for a token. */
export interface Taken {
  success: boolean;
  /** when the next token comes where there was none, in Unix milliseconds */
  reset: number;
  remaining: number;
}

/** The token buckets of one kind of name. What is in them lives in Redis. */
export interface TokenBucket {
  /** Takes a token of what this isolate or process knows. Gives 0, or how long to wait, in milliseconds. */
  takeHere(id: string): number;
  /** What takes a token in Redis, to be sent with other commands. */
  commandOf(id: string): RedisCommand;
  /** Reads what Redis said to that. Throws its error: nobody knows then whether there was a token. */
  read(id: string, reply: RedisReply): Taken;
  /** Takes a token in Redis by itself, and gives Redis the script where it does not know it. */
  take(id: string): Promise<Taken>;
}

/** The interval in which a bucket is refilled, in milliseconds. */
const REFILL_EVERY_MS = 1_000;

/**
 * The buckets of @upstash/ratelimit: its script, with its arguments. The script's hash is what the library would send; its class stands aside, with
 * a timeout that ends in success and would let everybody through, a memory that grows without end, and five promises for each token.
 */
export function openTokenBucket(redis: Redis, name: "user" | "address", bucket: Bucket): TokenBucket {
  const { tokens, refillPerS } = bucket;
  const limiter = Ratelimit.tokenBucket(refillPerS, `${REFILL_EVERY_MS} ms`, tokens)();
  const prefix = `lectern:limit:${name}`;
  const keyOf = (id: string) => `${prefix}:${id}`;
  const sha1 = hashAskedFor((recorder) => limiter.limit({ redis: recorder, prefix }, keyOf("")));
  const local = createLocalBuckets(bucket);
  return {
    takeHere: local.take,
    commandOf: (id) => evalsha(sha1, [keyOf(id)], [tokens, REFILL_EVERY_MS, refillPerS, Date.now(), 1]),
    read(id, { result, error }) {
      if (error !== undefined) throw new errors.UpstashError(error);
      const [left, reset] = result as [number, number];
      const remaining = Math.max(0, left);
      local.learn(id, remaining);
      return { success: left >= 0, reset, remaining };
    },
    take: (id) => limiter.limit({ redis, prefix }, keyOf(id)),
  };
}

/** The hash by which a script is run, seen by letting it be run on nothing. */
function hashAskedFor(run: (redis: Redis) => Promise<unknown>): string {
  let asked = "";
  const recorder: Pick<Redis, "evalsha"> = {
    evalsha(sha1) {
      asked = sha1;
      return new Promise(() => {});
    },
  };
  void run(recorder as Redis);
  return asked;
}
