import type { Bucket } from "./config.ts";
import { createRecent } from "./recent.ts";

/** Named buckets as one isolate or process counts them. */
export interface LocalBuckets {
  /** How long until `name` has a token, in milliseconds; 0 if it has one. Takes no token. */
  waitMs(name: string): number;
  /** Takes a token of `name`, which `waitMs` has found. */
  take(name: string): void;
  /** Takes a token of `name` if it has one. */
  tryTake(name: string): boolean;
  /** Gives back a token that was taken for nothing. */
  giveBack(name: string): void;
  /**
   * Takes over Redis' count of the tokens left, if it is lower than the count here: other edges
   * took tokens too.
   */
  learn(name: string, tokensLeft: number): void;
}

/**
 * Buckets remembered at once. Beyond that, a bucket without recent use counts as full here; Redis
 * still counts it.
 */
const BUCKETS_MAX = 20_000;

interface Known {
  tokens: number;
  atMs: number;
}

/**
 * Redis' buckets, as far as they are known here. A refusal here saves the round trip: Redis would
 * refuse too. A burst cannot take more than a bucket holds before Redis answers. Buckets refill
 * steadily here and once a second in Redis: the count here is never lower.
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
    tryTake(name) {
      const bucket = refilled(name);
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
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
