import { Redis } from "@upstash/redis/cloudflare";
import { openSend, type RedisOptions, type SendToRedis } from "./send.ts";

/** The Redis client of edge and worker, over HTTP: see openSend. */
export function openRedis(options: RedisOptions): Redis {
  return redisOver(openSend(options));
}

/**
 * A client over `send`. It does not batch commands by itself: a Worker must not await work that
 * another request began. Replies come as Redis wrote them.
 */
export function redisOver(send: SendToRedis): Redis {
  const redis = new Redis({
    url: "http://redis.invalid",
    token: "none",
    readYourWrites: false,
    enableAutoPipelining: false,
    automaticDeserialization: false,
    enableTelemetry: false,
  });
  // Every request goes through `send`; the address above is unused.
  redis.use((request) => send(request) as never);
  return redis;
}
