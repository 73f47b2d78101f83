import { errors, type Redis } from "@upstash/redis/cloudflare";
import { redisOver } from "../admission/redis.ts";
import { pipelineOf, type RedisCommand, type RedisReply } from "../admission/redis-command.ts";
import { PIPELINE, type SendToRedis } from "../admission/send.ts";
import { sendScriptsBare } from "./redis-internals.ts";

/** Decides when the gathered commands leave: later, with those of other requests. */
export type SendLater = (send: () => void) => void;

export interface RoundTrips {
  redis: Redis;
  /**
   * Sends commands in one pipeline, and returns their replies in order. Rejects if the round trip
   * fails: each command may have run.
   */
  exchange(commands: RedisCommand[]): Promise<RedisReply[]>;
}

/**
 * A Redis client that sends scripts as they are, and several commands in one round trip. The
 * library builds more for every request. Its pipeline has some two hundred functions.
 *
 * By default no request waits for another's commands, which a Worker forbids. With `sendLater` the
 * commands of all requests until then travel together: for processes, whose requests may wait for
 * each other.
 */
export function openRoundTrips(send: SendToRedis, sendLater?: SendLater): RoundTrips {
  const redis = redisOver(send);
  sendScriptsBare(redis, send);
  const alone = exchangeBy(send);
  return { redis, exchange: sendLater ? gathered(alone, sendLater) : alone };
}

export type Exchange = RoundTrips["exchange"];

function exchangeBy(send: SendToRedis): Exchange {
  return async (commands) => {
    const replies = (await send({ path: PIPELINE, json: pipelineOf(commands) })) as RedisReply[];
    if (replies.length < commands.length)
      throw new errors.UpstashError("Redis did not reply to every command");
    return replies;
  };
}

/** The most commands in one pipeline. */
const COMMANDS_MAX = 300;

/** Lets the commands of several callers leave in one pipeline, or in two of COMMANDS_MAX each. */
export function gathered(exchange: Exchange, sendLater: SendLater): Exchange {
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
