import type { Redis } from "@upstash/redis/cloudflare";
import { redisOver } from "../../../admission/redis.ts";
import { parseRedisUrl } from "../../../redis-front/redis-address.ts";
import { openRedisConnection } from "../../../redis-front/redis-connection.ts";
import { type RedisCommand, RedisError, type Reply, Status } from "../../../redis-front/resp.ts";

/** Redis without the HTTP front: the capacity of Redis itself. */
export interface DirectRedis {
  /** Returns the replies in order. Rejects with the first error among them. */
  ask(...commands: RedisCommand[]): Promise<Reply[]>;
  /** the client for admission/, on the same connection */
  client: Redis;
  close(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const BYTES_MAX = 256 * 1_048_576;

/** Opens one connection. Commands of one turn of the event loop travel together. */
export async function openDirectRedis(url: string): Promise<DirectRedis> {
  const connection = await openRedisConnection({
    address: parseRedisUrl(url),
    connectTimeoutMs: 2_000,
    maxReplyBytes: BYTES_MAX,
    commandTimeoutMs: PATIENCE_MS,
    maxInFlight: 1_000_000,
    maxUnsentBytes: BYTES_MAX,
  });

  async function ask(...commands: RedisCommand[]): Promise<Reply[]> {
    const replies = await connection.send(commands);
    const failed = replies.find((reply) => reply instanceof RedisError);
    if (failed) throw new Error(`Redis: ${failed.message}`);
    return replies;
  }

  const client = redisOver(async ({ body }) => {
    const command = (body as unknown[]).map(String) as unknown as RedisCommand;
    const [reply] = await connection.send([command]);
    if (reply instanceof RedisError) return { error: reply.message };
    return { result: reply instanceof Status ? reply.text : reply };
  });

  return {
    ask,
    client,
    async close() {
      connection.end("closing");
      await connection.ended;
    },
  };
}
