// Reaches into @upstash/redis: replaces `evalsha` of a client.
import { errors, type Redis } from "@upstash/redis/cloudflare";
import type { RedisReply } from "../admission/redis-command.ts";
import type { SendToRedis } from "../admission/send.ts";

/**
 * Has the client send scripts as they are. The library makes an object for each command, with its
 * own sending and reading.
 */
export function sendScriptsBare(redis: Redis, send: SendToRedis): void {
  redis.evalsha = <Args extends unknown[], Data>(sha1: string, keys: string[], args: Args) =>
    send({ body: ["EVALSHA", sha1, keys.length, ...keys, ...args] }).then(
      (reply) => resultOf(reply as RedisReply) as Data,
    );
}

function resultOf({ result, error }: RedisReply): unknown {
  if (error !== undefined) throw new errors.UpstashError(error);
  return result;
}
