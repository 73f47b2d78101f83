import type { StackEnvironment } from "../../../stack/environment.ts";

/**
 * Buckets that never run dry: the speed of their use is measured, and one address sends everything.
 */
const ROOMY = {
  USER_BUCKET_TOKENS: "1000000",
  USER_BUCKET_REFILL_PER_S: "1000000",
  ADDRESS_BUCKET_TOKENS: "10000000",
  ADDRESS_BUCKET_REFILL_PER_S: "10000000",
  READ_BUCKET_TOKENS: "10000000",
  READ_BUCKET_REFILL_PER_S: "10000000",
};

/** The settings of a measured edge, without metrics and traces. */
export function edgeSettings(environment: StackEnvironment): Record<string, string> {
  const { EDGE_KEYS, SESSION_KEYS, ORIGIN_URL } = environment;
  const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = environment;
  const redis = { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN };
  return { ...redis, EDGE_KEYS, SESSION_KEYS, ORIGIN_URL, ...ROOMY };
}
