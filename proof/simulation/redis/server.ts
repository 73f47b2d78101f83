import { claimScript } from "../../../admission/claim.ts";
import type { AdmissionRedis } from "../../../admission/script.ts";
import type { LectureId } from "../../../contract/ids.ts";
import { redisKeys } from "../../../contract/names.ts";
import type { Kernel, Process } from "../kernel.ts";
import { createRedisData, type RedisContents } from "./data.ts";
import { createScripts, type Reply } from "./lua.ts";

/**
 * The scripts are compiled once for all worlds and reach the current world's data through this
 * variable.
 */
let current: (command: string, args: string[]) => Reply;
const runScript = createScripts((command, args) => current(command, args));
const hashes = new Map<string, string>();

function hashOf(source: string): string {
  const known = hashes.get(source);
  if (known) return known;
  const hash = new Bun.CryptoHasher("sha1").update(source).digest("hex");
  if (hashes.size < 100) hashes.set(source, hash);
  return hash;
}

function timedOut(): Error {
  return new DOMException("The operation timed out.", "TimeoutError");
}

/** A temporary refusal in Redis' own words: nothing was done. */
function usedUp(): Error {
  return new Error("ERR max daily request limit exceeded. Limit: 10000, Usage: 10001.");
}

/** A Redis server with its script cache, and the client of @upstash/redis as Lectern uses it. */
export function createRedis(kernel: Kernel) {
  let wrongByMs = 0;
  const data = createRedisData(() => kernel.nowMs() + wrongByMs);
  let known = new Map<string, string>();
  let changes = 0;
  let losses = 0;
  /** the change at which a process last saw its mark; a later restart went unseen */
  const seenAt = new Map<Process, number>();
  let restartedAt = 0;
  let openedBlind = false;

  function evalsha(sha1: string, keys: string[], args: string[]): Reply {
    const source = known.get(sha1);
    if (source === undefined) throw new Error("NOSCRIPT No matching script. Please use EVAL.");
    current = data.command;
    changes += 1;
    return runScript(source, keys, args);
  }

  function scriptLoad(source: string): string {
    const sha1 = hashOf(source);
    known.set(sha1, source);
    return sha1;
  }

  function clientOf(process: Process): AdmissionRedis {
    const server = { server: "redis", lost: timedOut, refused: usedUp } as const;
    const ask: Ask = (what, detail, effect) =>
      kernel.call(process, { ...server, what, detail, effect });

    const client = {
      evalsha: (sha1: string, keys: string[], args: string[]) =>
        ask("evalsha", { script: nameOf(known.get(sha1)), args }, () => evalsha(sha1, keys, args)),
      eval: (source: string, keys: string[], args: string[]) =>
        ask("eval", { script: nameOf(source), args }, () =>
          evalsha(scriptLoad(source), keys, args),
        ),
      hget: (key: string, field: string) =>
        ask("hget", { key, field }, () => data.command("HGET", [key, field])),
      hset: (key: string, fields: Record<string, string>) =>
        ask("hset", { key, fields }, () => {
          changes += 1;
          return data.command("HSET", [key, ...Object.entries(fields).flat()]);
        }),
      scriptExists: (...sha1s: string[]) =>
        ask("script exists", undefined, () => {
          seenAt.set(process, ++changes);
          return sha1s.map((sha1) => (known.has(sha1) ? 1 : 0));
        }),
      scriptLoad: (source: string) =>
        ask("script load", nameOf(source), () => {
          if (source === claimScript.source) openedBlind = (seenAt.get(process) ?? 0) < restartedAt;
          return scriptLoad(source);
        }),
      scriptFlush: () =>
        ask("script flush", undefined, () => {
          changes += 1;
          known = new Map();
          openedBlind = false;
          return "OK";
        }),
      pipeline: () => pipeline(ask, data, evalsha),
    };
    return client as unknown as AdmissionRedis;
  }

  return {
    data,
    clientOf,
    /** user → claim */
    claims: (lectureId: LectureId) => data.hashAt(redisKeys.claims(lectureId)),
    /** rid → `rejected` or `cancelled` */
    released: (lectureId: LectureId) => data.hashAt(redisKeys.released(lectureId)),
    /** the sweeper's list: user → time of the claim */
    held: (lectureId: LectureId) => data.zsetAt(redisKeys.held(lectureId)),
    /** `1` ready, `0` loading */
    ready: (lectureId: LectureId) => data.hashAt(redisKeys.lecture(lectureId)).get("ready"),
    /** counts possible changes of the data */
    changes: () => changes,
    /** Says whether admission is open on a Redis that restarted since the worker's last look. */
    openedBlind: () => openedBlind,
    /** counts the restarts that lost data */
    losses: () => losses,
    knows: (source: string) => known.has(hashOf(source)),
    teach: (sources: string[]) => {
      for (const source of sources) scriptLoad(source);
    },

    /** Removes all data of one user in one lecture. */
    loseClaim(lectureId: string, userId: string): void {
      data.command("HDEL", [redisKeys.claims(lectureId), userId]);
      data.command("ZREM", [redisKeys.held(lectureId), userId]);
      data.command("SET", [redisKeys.throttle(lectureId, userId), "1", "PX", "0"]);
      losses += 1;
      changes += 1;
    },

    /** Replaces the data by these, as after FLUSHALL; the scripts stay. */
    flush(copy: RedisContents): void {
      data.replace(copy);
      losses += 1;
      changes += 1;
    },

    /** Shifts Redis' own clock from now on. */
    setClock(byMs: number): void {
      wrongByMs = byMs;
    },

    /** Restarts, or fails over to a replica: with these data and without any script. */
    restart(copy: RedisContents | undefined): void {
      if (copy) {
        data.replace(copy);
        losses += 1;
      }
      known = new Map();
      restartedAt = ++changes;
      openedBlind = false;
    },
  };
}

export type SimulatedRedis = ReturnType<typeof createRedis>;

type Ask = <Value>(what: string, detail: unknown, effect: () => Value) => Promise<Value>;

/**
 * A pipeline's plain commands take effect together: other clients' commands in between would see no
 * difference. Its scripts take effect one after the other, and a client that dies meanwhile may
 * have sent only the first ones.
 */
function pipeline(
  ask: Ask,
  data: SimulatedRedis["data"],
  evalsha: (sha1: string, keys: string[], args: string[]) => Reply,
) {
  const scripts: (() => Reply)[] = [];
  const commands: (() => Reply)[] = [];
  const answer = (command: () => Reply) => {
    try {
      return { result: command() };
    } catch (error) {
      return { result: undefined, error: (error as Error).message };
    }
  };
  return {
    time: () => commands.push(() => data.command("TIME", [])),
    hget: (key: string, field: string) => commands.push(() => data.command("HGET", [key, field])),
    zrange: (
      key: string,
      min: number,
      max: number,
      { offset, count }: { offset: number; count: number },
    ) => commands.push(() => data.zrangeByScore(key, min, max, offset, count)),
    evalsha: (sha1: string, keys: string[], args: string[]) =>
      scripts.push(() => evalsha(sha1, keys, args)),
    async exec() {
      if (commands.length > 0) return await ask("pipeline", undefined, () => commands.map(answer));
      const replies = [];
      for (const script of scripts)
        replies.push(await ask("script in a pipeline", undefined, () => answer(script)));
      return replies;
    },
  };
}

/** For the trace: the first words of a script. */
function nameOf(source: string | undefined): string {
  return source?.slice(3, source.indexOf("\n")).slice(0, 40) ?? "unknown";
}
