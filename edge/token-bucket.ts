import { Ratelimit } from "@upstash/ratelimit";
import { errors, type Redis } from "@upstash/redis/cloudflare";
import { evalsha, type RedisCommand, type RedisReply } from "../admission/redis-command.ts";
import { type Script, script } from "../admission/script.ts";
import type { Bucket } from "./config.ts";
import { createLocalBuckets } from "./local-buckets.ts";

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
  /**
   * Reads Redis' reply to that command. Throws its error: whether there was a token is unknown
   * then.
   */
  read(id: string, reply: RedisReply): Taken;
  /** Takes a token in Redis on its own, and gives Redis the script if it does not know it. */
  take(id: string): Promise<Taken>;
}

/** The interval of a bucket's refills, in milliseconds. */
const REFILL_EVERY_MS = 1_000;

/**
 * The buckets of @upstash/ratelimit: its script and arguments, on Redis' clock (see onRedisClock).
 * The library's class is left out. Its timeout ends in success and would let every request through.
 * Its memory grows without end, and each token costs five promises.
 */
export function openTokenBucket(
  redis: Redis,
  name: "user" | "address",
  bucket: Bucket,
): TokenBucket {
  const { tokens, refillPerS } = bucket;
  const limiter = Ratelimit.tokenBucket(refillPerS, `${REFILL_EVERY_MS} ms`, tokens)();
  const prefix = `lectern:limit:${name}`;
  const keyOf = (id: string) => `${prefix}:${id}`;
  const source = sourceSent((recorder) => limiter.limit({ redis: recorder, prefix }, keyOf("")));
  const timed = script(onRedisClock(source));
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
    commandOf: (id) =>
      evalsha(timed.sha1, [keyOf(id)], [tokens, REFILL_EVERY_MS, refillPerS, REDIS_SAYS_WHEN, 1]),
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

/** Takes the place of the caller's clock in the script's arguments. */
const REDIS_SAYS_WHEN = 0;

/**
 * The library's script on Redis' clock instead of its caller's. An edge with a fast clock would
 * write a refill in the future, and the bucket would gain nothing until then. An edge with a slow
 * clock would find no refill due.
 *
 * The library's text is unchanged, inside a function. Its fourth argument is the time. Its second
 * result, the time of the next refill, becomes the wait until then: the caller needs no clock.
 */
function onRedisClock(source: string): string {
  const [shebang = "", ...body] = source.split("\n");
  return [
    shebang,
    'local time = redis.call("TIME")',
    "local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)",
    "local ARGV = { ARGV[1], ARGV[2], ARGV[3], nowMs, ARGV[5] }",
    "local function take()",
    ...body,
    "end",
    "local taken = take()",
    "taken[2] = taken[2] - nowMs",
    "return taken",
  ].join("\n");
}

/** The text of the library's script, read from a run on a Redis that only records. */
function sourceSent(run: (redis: Redis) => Promise<unknown>): string {
  let sent = "";
  const recorder: Pick<Redis, "evalsha" | "eval"> = {
    evalsha() {
      throw new Error("NOSCRIPT");
    },
    eval(source) {
      sent = source;
      return new Promise(() => {});
    },
  };
  void run(recorder as Redis);
  return sent;
}

/** A Redis for the library that runs another script in place of the library's own. */
function sendingInPlace(redis: Redis, { sha1, source }: Script): Redis {
  const instead: Pick<Redis, "evalsha" | "eval"> = {
    evalsha: (_, keys, args) => redis.evalsha(sha1, keys, args),
    eval: (_, keys, args) => redis.eval(source, keys, args),
  };
  return instead as Redis;
}
