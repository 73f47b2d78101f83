import { SIGNATURE_WINDOW_MS } from "../contract/signature.ts";

/** The range of timestamps in one bucket of nonces, in milliseconds. */
const BUCKET_MS = 10_000;

/**
 * The most nonces remembered in all. When it is reached, no request is let in until some have aged.
 */
const MAX_NONCES = 2_000_000;

export interface Nonces {
  /**
   * Remembers a nonce. False if it was seen before, or if there are too many to remember another.
   */
  use(nonce: string, timestampMs: number, nowMs: number): boolean;
}

/**
 * Remembers the nonces of verified signatures while their timestamps would be accepted: a captured
 * request cannot be sent to this origin again. The nonces lie in buckets by age, so forgetting
 * takes no work for each nonce.
 */
export function createNonces(): Nonces {
  const buckets = new Map<number, Set<string>>();
  let remembered = 0;

  function forgetAged(nowMs: number): void {
    for (const [bucket, nonces] of buckets) {
      if ((bucket + 1) * BUCKET_MS > nowMs - SIGNATURE_WINDOW_MS) continue;
      remembered -= nonces.size;
      buckets.delete(bucket);
    }
  }

  return {
    use(nonce, timestampMs, nowMs) {
      const bucket = Math.floor(timestampMs / BUCKET_MS);
      let nonces = buckets.get(bucket);
      if (!nonces) {
        forgetAged(nowMs);
        nonces = new Set();
        buckets.set(bucket, nonces);
      }
      if (nonces.has(nonce) || remembered >= MAX_NONCES) return false;
      nonces.add(nonce);
      remembered++;
      return true;
    },
  };
}
