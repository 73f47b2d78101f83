import { errors, type Redis } from "@upstash/redis/cloudflare";
import { redisOver } from "../admission/redis.ts";
import { pipelineOf, type RedisCommand, type RedisReply } from "../admission/redis-command.ts";
import { PIPELINE, type SendToRedis } from "../admission/send.ts";

/** When the commands that were gathered are sent: later, with those of others. */
export type SendLater = (send: () => void) => void;

export interface RoundTrips {
  redis: Redis;
  /**
   * Sends commands to Redis in one pipeline, and gives a reply for each, in their order. Rejects when the round trip failed: each of them
   * may have run.
   */
  exchange(commands: RedisCommand[]): Promise<RedisReply[]>;
}

/**
 * A Redis client whose scripts are sent as they are, and a way to send several in one round trip: the client's own commands are objects with a
 * way of their own to be sent and read, and its pipeline one of some two hundred functions, all made anew for every request. Where nothing else
 * is said no request ever waits for what another one sends, which a Worker may not do. With `sendLater` the commands of all requests that come
 * until then travel together: for processes, in which requests may wait for each other.
 */
export function openRoundTrips(send: SendToRedis, sendLater?: SendLater): RoundTrips {
  const redis = redisOver(send);
  redis.evalsha = <Args extends unknown[], Data>(sha1: string, keys: string[], args: Args) =>
    send({ body: ["EVALSHA", sha1, keys.length, ...keys, ...args] }).then(
      (reply) => resultOf(reply as RedisReply) as Data,
    );
  const alone = exchangeBy(send);
  return { redis, exchange: sendLater ? shared(alone, sendLater) : alone };
}

type Exchange = RoundTrips["exchange"];

function exchangeBy(send: SendToRedis): Exchange {
  return async (commands) => {
    const replies = (await send({ path: PIPELINE, json: pipelineOf(commands) })) as RedisReply[];
    if (replies.length < commands.length)
      throw new errors.UpstashError("the pipeline came back short");
    return replies;
  };
}

/** Commands in one pipeline at most. */
const COMMANDS_MAX = 300;

/** Lets the commands of several requests leave in one pipeline. */
function shared(exchange: Exchange, sendLater: SendLater): Exchange {
  let leaving: Departure | undefined;

  function nextToLeave(): Departure {
    const { promise, resolve } = Promise.withResolvers<RedisReply[]>();
    const next: Departure = { commands: [], replies: promise };
    sendLater(() => {
      if (leaving === next) leaving = undefined;
      resolve(exchange(next.commands));
    });
    return next;
  }

  return (commands) => {
    if (!leaving || leaving.commands.length + commands.length > COMMANDS_MAX)
      leaving = nextToLeave();
    const end = leaving.commands.push(...commands);
    return leaving.replies.then((replies) => replies.slice(end - commands.length, end));
  };
}

interface Departure {
  commands: RedisCommand[];
  replies: Promise<RedisReply[]>;
}

function resultOf({ result, error }: RedisReply): unknown {
  if (error !== undefined) throw new errors.UpstashError(error);
  return result;
}
