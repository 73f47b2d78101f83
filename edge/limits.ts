import type { RedisCommand, RedisReply } from "../admission/redis-command.ts";
import { saysUnknownScript } from "../admission/script.ts";
import type { UserId } from "../contract/ids.ts";
import type { Bucket } from "./config.ts";
import type { RoundTrips } from "./round-trips.ts";
import { openTokenBucket, type Taken, type TokenBucket } from "./token-bucket.ts";

/**
 * `unknown`: Redis did not answer, and the request may not pass. No bucket would have counted its
 * booking.
 */
export type LimitAnswer = { outcome: "passed" } | NotPassed;

export type NotPassed = Limited | { outcome: "unknown"; error: unknown };

export interface Limited {
  outcome: "limited";
  retryAfterMs: number;
}

/**
 * The outcome of a command that travelled with the tokens. `lost`: the round trip failed, and the
 * command may have run. Undefined: the command was not sent.
 */
export type AlongReply = RedisReply | { lost: unknown } | undefined;

/** The token buckets that charge a request before it reaches the seats. */
export interface Limits {
  takeOfAddress(address: string): Promise<LimitAnswer>;
  /** Takes one token of the user and one of the address, in one Redis round trip. */
  take(userId: UserId, address: string): Promise<LimitAnswer>;
  /**
   * Like `take`, with a command in the same round trip. The command is requested only if this
   * isolate knows of a token left. Redis' own count comes beside the command's reply
   * (ARCHITECTURE.md, D9).
   */
  takeAlong(
    userId: UserId,
    address: string,
    commandAlong: () => RedisCommand | undefined,
  ): Promise<{ limit: LimitAnswer; reply: AlongReply }>;
}

/** Opens the buckets. Redis holds their contents. */
export function openLimits(
  { redis, exchange }: RoundTrips,
  buckets: { user: Bucket; address: Bucket },
): Limits {
  const ofUser = openTokenBucket(redis, "user", buckets.user);
  const ofAddress = openTokenBucket(redis, "address", buckets.address);

  /**
   * Takes a token of each bucket, or of none if a bucket is known to be empty. If Redis lacks the
   * script, asking again brings it.
   */
  async function take(asked: Asked[], commandAlong: () => RedisCommand | undefined) {
    const waitMs = waitHere(asked);
    if (waitMs > 0) return { limit: limitedFor(waitMs), reply: undefined };
    for (const { bucket, id } of asked) bucket.takeHere(id);
    const commands = asked.map(({ bucket, id }) => bucket.commandOf(id));
    const along = commandAlong();
    if (along !== undefined) commands.push(along);
    try {
      const replies = await exchange(commands);
      const limit = knowsScript(replies) ? judge(asked, replies) : await takeAgain(asked);
      if (limit.outcome === "unknown") giveBackHere(asked);
      return { limit, reply: replies[asked.length] };
    } catch (error) {
      giveBackHere(asked);
      return { limit: unknownFor(error), reply: along === undefined ? undefined : { lost: error } };
    }
  }

  const both = (userId: UserId, address: string): Asked[] => [
    { bucket: ofUser, id: userId },
    { bucket: ofAddress, id: address },
  ];

  return {
    takeOfAddress: async (address) =>
      (await take([{ bucket: ofAddress, id: address }], nothing)).limit,
    take: async (userId, address) => (await take(both(userId, address), nothing)).limit,
    takeAlong: (userId, address, commandAlong) => take(both(userId, address), commandAlong),
  };
}

interface Asked {
  bucket: TokenBucket;
  id: string;
}

const nothing = () => undefined;

/** How long until each bucket has a token, as far as is known here, in milliseconds. */
function waitHere(asked: Asked[]): number {
  let waitMs = 0;
  for (const { bucket, id } of asked) waitMs = Math.max(waitMs, bucket.waitHere(id));
  return waitMs;
}

/**
 * Redis may or may not have taken the tokens. A client that met an outage must not be refused here
 * afterwards: Redis refuses if it took the tokens.
 */
function giveBackHere(asked: Asked[]): void {
  for (const { bucket, id } of asked) bucket.giveBackHere(id);
}

/** All buckets share one script. */
function knowsScript([first]: RedisReply[]): boolean {
  return !saysUnknownScript(first?.error ?? "");
}

function judge(asked: Asked[], replies: RedisReply[]): LimitAnswer {
  try {
    return limitOf(asked.map(({ bucket, id }, at) => bucket.read(id, replies[at] ?? {})));
  } catch (error) {
    return unknownFor(error);
  }
}

async function takeAgain(asked: Asked[]): Promise<LimitAnswer> {
  try {
    return limitOf(await Promise.all(asked.map(({ bucket, id }) => bucket.take(id))));
  } catch (error) {
    return unknownFor(error);
  }
}

function limitOf(taken: Taken[]): LimitAnswer {
  let limited = false;
  let waitMs = 0;
  for (const { success, refillsInMs } of taken) {
    if (success) continue;
    limited = true;
    waitMs = Math.max(waitMs, refillsInMs);
  }
  return limited ? limitedFor(waitMs) : PASSED;
}

const PASSED = { outcome: "passed" } as const;

export function limitedFor(retryAfterMs: number): Limited {
  return { outcome: "limited", retryAfterMs };
}

function unknownFor(error: unknown): LimitAnswer {
  return { outcome: "unknown", error };
}
