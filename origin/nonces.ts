import { SIGNATURE_WINDOW_MS } from "../contract/signature.ts";

/** How long nonces of one age are kept together, in milliseconds. */
const BUCKET_MS = 10_000;

/** Nonces remembered at most, in all: past it nothing more is let in until some have aged. */
const MAX_NONCES = 2_000_000;

export interface Nonces {
  /** Remembers a nonce. False when it was seen before, or when there are too many to remember another. */
  use(nonce: string, timestampMs: number, nowMs: number): boolean;
}

/**
 * Remembers the nonces of verified signatures for as long as their timestamps would be accepted, so that a captured request cannot
 * be sent to this origin a second time. They are kept in buckets by age, so forgetting costs nothing for each.
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
