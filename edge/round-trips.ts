import type { Redis } from "@upstash/redis/cloudflare";

/** What limiters and claims ask of Redis. */
export type ScriptCommands = Pick<Redis, "evalsha" | "eval" | "get" | "set">;

/** When the scripts that were gathered are sent: as soon as the gathering call returns, or later, with those of others. */
export type SendLater = (send: () => void) => void;

export interface RoundTrips {
  /** give these to whoever is to travel together */
  commands: ScriptCommands;
  /** Runs `start` at once; the scripts it begins before it returns go to Redis in one pipeline, everything later by itself. */
  together<Started>(start: () => Started): Started;
}

/** Scripts in one pipeline at most. */
const SCRIPTS_MAX = 300;

/**
 * Lets scripts share a round trip. Where nothing else is said, what is gathered is begun by one call and sent when it returns, so no request
 * ever waits for what another one sends, which a Worker may not do. With `sendLater` the scripts of all requests that come until then
 * travel together: for processes, in which requests may wait for each other.
 */
export function openRoundTrips(redis: Redis, sendLater?: SendLater): RoundTrips {
  /** where scripts go that are begun right now */
  let gathering: Gathering | undefined;
  /** what leaves later, with whatever else comes until then */
  let leaving: Gathering | undefined;

  function nextToLeave(sendLater: SendLater): Gathering {
    if (leaving && leaving.size() < SCRIPTS_MAX) return leaving;
    const mine = gather(redis);
    leaving = mine;
    sendLater(() => {
      if (leaving === mine) leaving = undefined;
      mine.send();
    });
    return mine;
  }

  return {
    commands: {
      evalsha: (sha1, keys, args) =>
        gathering ? gathering.evalsha(sha1, keys, args) : redis.evalsha(sha1, keys, args),
      eval: (script, keys, args) => redis.eval(script, keys, args),
      get: (...args) => redis.get(...args),
      set: (...args) => redis.set(...args),
    },
    together(start) {
      const mine = sendLater ? nextToLeave(sendLater) : gather(redis);
      gathering = mine;
      try {
        return start();
      } finally {
        gathering = undefined;
        if (!sendLater) mine.send();
      }
    },
  };
}

type Gathering = ReturnType<typeof gather>;

function gather(redis: Redis) {
  const pipeline = redis.pipeline();
  const replies = Promise.withResolvers<Reply[]>();
  return {
    size: () => pipeline.length(),
    async evalsha<Data>(sha1: string, keys: string[], args: unknown[]): Promise<Data> {
      const position = pipeline.length();
      pipeline.evalsha(sha1, keys, args);
      const reply = (await replies.promise)[position];
      if (!reply || reply.error) throw new Error(reply?.error ?? "the pipeline came back short");
      return reply.result as Data;
    },
    send() {
      if (pipeline.length() > 0) replies.resolve(pipeline.exec<unknown[]>({ keepErrors: true }));
    },
  };
}

interface Reply {
  result?: unknown;
  error?: string | undefined;
}
