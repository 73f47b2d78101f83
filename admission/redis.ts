import { Redis } from "@upstash/redis/cloudflare";
import { openSend, type RedisOptions, type SendToRedis } from "./send.ts";

/** The Redis client of edge and worker, over HTTP: see openSend. */
export function openRedis(options: RedisOptions): Redis {
  return redisOver(openSend(options));
}

/**
 * The client on a way of its own to Redis. Commands are not gathered behind the caller's back, since a Worker may not await what another
 * request has begun; replies come as Redis wrote them.
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
  // Every request goes by `send`, and none to the address above.
  redis.use((request) => send(request) as never);
  return redis;
}
