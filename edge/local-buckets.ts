import type { Bucket } from "./config.ts";
import { createRecent } from "./recent.ts";

/** What one isolate or process knows by itself of the buckets of many names. */
export interface LocalBuckets {
  /** Takes a token of `name`. Gives 0, or how long to wait until there is one, in milliseconds; then nothing is taken. */
  take(name: string): number;
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
    take(name) {
      const bucket = refilled(name);
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 1_000) / refillPerS);
      bucket.tokens -= 1;
      return 0;
    },
    learn(name, tokensLeft) {
      const bucket = known.get(name);
      if (bucket) bucket.tokens = Math.min(bucket.tokens, tokensLeft);
    },
  };
}
