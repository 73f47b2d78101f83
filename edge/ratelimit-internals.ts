// Reaches into @upstash/ratelimit: takes its token bucket's script, to send it as our own commands.
import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis/cloudflare";
import { type Script, script } from "../admission/script.ts";

/** The library's token bucket without the library's class around it. */
export type LibraryBucket = ReturnType<ReturnType<typeof Ratelimit.tokenBucket>>;

/** The interval of a bucket's refills, in milliseconds. */
export const REFILL_EVERY_MS = 1_000;

export function libraryBucket(tokens: number, refillPerS: number): LibraryBucket {
  return Ratelimit.tokenBucket(refillPerS, `${REFILL_EVERY_MS} ms`, tokens)();
}

/** Takes the place of the caller's clock in the script's arguments. */
const REDIS_SAYS_WHEN = 0;

/** The script's arguments for one token, in the library's order. */
export function argumentsOf(tokens: number, refillPerS: number): number[] {
  return [tokens, REFILL_EVERY_MS, refillPerS, REDIS_SAYS_WHEN, 1];
}

/**
 * The library's script on Redis' clock instead of its caller's. An edge with a fast clock would
 * write a refill in the future, and the bucket would gain nothing until then. An edge with a slow
 * clock would find no refill due.
 *
 * The library's text is unchanged, inside a function. Its fourth argument is the time. Its second
 * result, the time of the next refill, becomes the wait until then: the caller needs no clock.
 */
export function scriptOnRedisClock(bucket: LibraryBucket): Script {
  const [shebang = "", ...body] = sourceOf(bucket).split("\n");
  return script(
    [
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
    ].join("\n"),
  );
}

/** The text of the library's script, read from a run on a Redis that only records. */
export function sourceOf(bucket: LibraryBucket): string {
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
  void bucket.limit({ redis: recorder as Redis, prefix: "" }, "");
  return sent;
}

/** A Redis for the library that runs another script in place of the library's own. */
export function sendingInPlace(redis: Redis, { sha1, source }: Script): Redis {
  const instead: Pick<Redis, "evalsha" | "eval"> = {
    evalsha: (_, keys, args) => redis.evalsha(sha1, keys, args),
    eval: (_, keys, args) => redis.eval(source, keys, args),
  };
  return instead as Redis;
}
