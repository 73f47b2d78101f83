import { Redis } from "@upstash/redis/cloudflare";

export interface RedisOptions {
  url: string;
  token: string;
  /** how long one round trip may take, in milliseconds */
  timeoutMs: number;
}

/**
 * The Redis client of edge and worker, over HTTP. It sends every command exactly once and gives up after `timeoutMs`: a lost
 * reply means unknown, and every script is safe to ask again with the same rid. Commands are not gathered behind the
 * caller's back, since a Worker may not await what another request has begun; replies come as Redis wrote them.
 */
export function openRedis({ url, token, timeoutMs }: RedisOptions): Redis {
  return new Redis({
    url,
    token,
    retry: { retries: 0 },
    signal: () => AbortSignal.timeout(timeoutMs),
    enableAutoPipelining: false,
    // Everything we store is text; in base64 each string would be encoded there and decoded here.
    responseEncoding: false,
    // One Redis answers here, and it reads its own writes.
    readYourWrites: false,
    automaticDeserialization: false,
    enableTelemetry: false,
  });
}
