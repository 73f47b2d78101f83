import { errors, type Redis } from "@upstash/redis/cloudflare";
import { redisOver } from "../admission/redis.ts";
import type { SendToRedis } from "../admission/send.ts";

/** When the scripts that were gathered are sent: as soon as the gathering call returns, or later, with those of others. */
export type SendLater = (send: () => void) => void;

export interface RoundTrips {
  redis: Redis;
  /** Runs `start` at once; the scripts it begins before it returns go to Redis in one pipeline, everything later by itself. */
  together<Started>(start: () => Started): Started;
}

/** Scripts in one pipeline at most. */
const SCRIPTS_MAX = 300;

/**
 * A Redis client whose scripts can share a round trip, and are sent as they are: the client's own commands are objects with a way of their own
 * to be sent and read, and its pipeline one of some two hundred functions, all made anew for every request. Where nothing else is said, what is gathered is begun by one call and sent when it
 * returns, so no request ever waits for what another one sends, which a Worker may not do. With `sendLater` the scripts of all requests
 * that come until then travel together: for processes, in which requests may wait for each other.
 */
export function openRoundTrips(send: SendToRedis, sendLater?: SendLater): RoundTrips {
  /** where scripts go that are begun right now */
  let gathering: Gathering | undefined;
  /** what leaves later, with whatever else comes until then */
  let leaving: Gathering | undefined;

  function nextToLeave(later: SendLater): Gathering {
    if (leaving && leaving.size() < SCRIPTS_MAX) return leaving;
    const mine = gather(send);
    leaving = mine;
    later(() => {
      if (leaving === mine) leaving = undefined;
      mine.leave();
    });
    return mine;
  }

  const redis = redisOver(send);
  // One promise for each script, and no async function around another: on Workers each layer of those costs as much as a header.
  redis.evalsha = <Args extends unknown[], Data>(sha1: string, keys: string[], args: Args) => {
    const command = ["EVALSHA", sha1, keys.length, ...keys, ...args];
    if (gathering) return gathering.add<Data>(command);
    return send({ body: command }).then((reply) => resultOf(reply as Reply<Data>));
  };

  return {
    redis,
    together(start) {
      const mine = sendLater ? nextToLeave(sendLater) : gather(send);
      gathering = mine;
      try {
        return start();
      } finally {
        gathering = undefined;
        if (!sendLater) mine.leave();
      }
    },
  };
}

type Gathering = ReturnType<typeof gather>;

function gather(send: SendToRedis) {
  const commands: unknown[][] = [];
  const replies = Promise.withResolvers<unknown[]>();
  return {
    size: () => commands.length,
    add<Data>(command: unknown[]): Promise<Data> {
      const position = commands.push(command) - 1;
      return replies.promise.then((all) => resultOf((all[position] as Reply<Data>) ?? SHORT));
    },
    leave() {
      if (commands.length > 0)
        replies.resolve(send({ path: ["pipeline"], body: commands }) as Promise<unknown[]>);
    },
  };
}

interface Reply<Data> {
  result: Data;
  error?: string;
}

const SHORT = { error: "the pipeline came back short" };

function resultOf<Data>(reply: Reply<Data> | typeof SHORT): Data {
  if (reply.error !== undefined) throw new errors.UpstashError(reply.error);
  return (reply as Reply<Data>).result;
}
