import type { Bucket } from "./config.ts";
import { createRecent } from "./recent.ts";

/** What one isolate or process knows by itself of the buckets of many names. */
export interface LocalBuckets {
  /** How long until `name` has a token, in milliseconds; 0 where it has one. Takes none. */
  waitMs(name: string): number;
  /** Takes a token of `name`, which has one by `waitMs`. */
  take(name: string): void;
  /** Gives back a token that was taken for nothing. */
  giveBack(name: string): void;
  /** Redis said how many tokens are left: fewer than are known here where others have taken some as well. */
  learn(name: string, tokensLeft: number): void;
}

/** Buckets remembered at once; past it one that was not used lately counts as full here, and Redis still counts it. */
const BUCKETS_MAX = 20_000;

interface Known {
  tokens: number;
  atMs: number;
}

/**
 * The same buckets as Redis', as far as they are seen from here. What they refuse, Redis would refuse too, so it is not asked; and what
 * comes at one moment cannot take more than a bucket holds before Redis' answers are there. They refill steadily where Redis' refill once a
 * second: here is never less than there.
 */
export function createLocalBuckets(
  { tokens: full, refillPerS }: Bucket,
  now: () => number = () => performance.now(),
): LocalBuckets {
  const known = createRecent<Known>(BUCKETS_MAX);

  function refilled(name: string): Known {
    const nowMs = now();
    const bucket = known.get(name) ?? remember(name, { tokens: full, atMs: nowMs });
    bucket.tokens = Math.min(full, bucket.tokens + ((nowMs - bucket.atMs) * refillPerS) / 1_000);
    bucket.atMs = nowMs;
    return bucket;
  }

  function remember(name: string, bucket: Known): Known {
    known.set(name, bucket);
    return bucket;
  }

  return {
    waitMs(name) {
      const { tokens } = refilled(name);
      return tokens < 1 ? Math.ceil(((1 - tokens) * 1_000) / refillPerS) : 0;
    },
    take(name) {
      refilled(name).tokens -= 1;
    },
    giveBack(name) {
      const bucket = refilled(name);
      bucket.tokens = Math.min(full, bucket.tokens + 1);
    },
    learn(name, tokensLeft) {
      const bucket = refilled(name);
      bucket.tokens = Math.min(bucket.tokens, tokensLeft);
    },
  };
}
