import type { Redis } from "@upstash/redis/cloudflare";

/** What a limiter asks of Redis. */
export type ScriptCommands = Pick<Redis, "evalsha" | "eval" | "get" | "set">;

export interface OneRoundTrip {
  /** give these to the limiters */
  commands: ScriptCommands;
  /** Runs `start` at once; the scripts it begins before it returns go to Redis in one pipeline, everything later by itself. */
  together<Started>(start: () => Started): Started;
}

/**
 * Lets two limiters share a round trip. What is gathered is begun by one call and sent when it returns, so no request
 * ever waits for what another one sends, which a Worker may not do.
 */
export function oneRoundTrip(redis: Redis): OneRoundTrip {
  let gathering: Gathering | undefined;
  return {
    commands: {
      evalsha: (sha1, keys, args) =>
        gathering ? gathering.evalsha(sha1, keys, args) : redis.evalsha(sha1, keys, args),
      eval: (script, keys, args) => redis.eval(script, keys, args),
      get: (...args) => redis.get(...args),
      set: (...args) => redis.set(...args),
    },
    together(start) {
      gathering = gather(redis);
      const { send } = gathering;
      try {
        return start();
      } finally {
        gathering = undefined;
        send();
      }
    },
  };
}

type Gathering = ReturnType<typeof gather>;

function gather(redis: Redis) {
  const pipeline = redis.pipeline();
  const replies = Promise.withResolvers<Reply[]>();
  return {
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
