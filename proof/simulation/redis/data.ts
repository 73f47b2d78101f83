import { modelError } from "../model-error.ts";
import type { Reply } from "./lua.ts";

/** The value of a key. An expiry is in Unix milliseconds; Infinity is none. */
type Value =
  | { type: "string"; text: string; expiresAtMs: number }
  | { type: "hash"; fields: Map<string, string>; expiresAtMs: number }
  | { type: "zset"; scores: Map<string, number>; expiresAtMs: number };

export type RedisContents = Map<string, Value>;

const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

/**
 * The data of a Redis server, with exactly the commands that Lectern sends, alone or from a script.
 * An unknown command throws, so that no command is misread. `nowMs` is Redis' clock.
 */
export function createRedisData(nowMs: () => number) {
  let contents: RedisContents = new Map();

  function find<Type extends Value["type"]>(
    key: string,
    type: Type,
  ): Extract<Value, { type: Type }> | undefined {
    const value = contents.get(key);
    if (value === undefined) return undefined;
    if (value.expiresAtMs <= nowMs()) {
      contents.delete(key);
      return undefined;
    }
    if (value.type !== type) throw new Error(WRONG_TYPE);
    return value as Extract<Value, { type: Type }>;
  }

  function hash(key: string): Map<string, string> {
    const known = find(key, "hash");
    if (known) return known.fields;
    const fields = new Map<string, string>();
    contents.set(key, { type: "hash", fields, expiresAtMs: Number.POSITIVE_INFINITY });
    return fields;
  }

  function zset(key: string): Map<string, number> {
    const known = find(key, "zset");
    if (known) return known.scores;
    const scores = new Map<string, number>();
    contents.set(key, { type: "zset", scores, expiresAtMs: Number.POSITIVE_INFINITY });
    return scores;
  }

  /** Redis keeps no empty hash or sorted set. */
  function dropIfEmpty(key: string, size: number): void {
    if (size === 0) contents.delete(key);
  }

  function set([key, text, ...options]: string[]): Reply {
    let expiresAtMs = Number.POSITIVE_INFINITY;
    let onlyNew = false;
    for (let at = 0; at < options.length; at += 1) {
      if (options[at] === "PX") expiresAtMs = nowMs() + Number(options[++at]);
      else if (options[at] === "NX") onlyNew = true;
      else throw new Error("ERR syntax error");
    }
    const value = contents.get(key as string);
    const alive = value && value.expiresAtMs > nowMs();
    if (onlyNew && alive) return null;
    contents.set(key as string, { type: "string", text: text as string, expiresAtMs });
    return { ok: "OK" };
  }

  function hset([key, ...pairs]: string[]): Reply {
    const fields = hash(key as string);
    let added = 0;
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      if (!fields.has(pairs[at] as string)) added += 1;
      fields.set(pairs[at] as string, pairs[at + 1] as string);
    }
    return added;
  }

  /**
   * HSCAN key cursor COUNT count, over the fields in the order of their hashes. As in the real
   * Redis, a field that exists throughout the scan comes at least once, whatever changes meanwhile.
   */
  function hscan([key, cursor, , count]: string[]): Reply {
    const fields = [...(find(key as string, "hash")?.fields ?? [])]
      .map(([name, value]) => ({ name, value, place: 1 + Number(Bun.hash.crc32(name)) }))
      .filter(({ place }) => place >= Number(cursor))
      .sort((a, b) => a.place - b.place);
    const last = fields[Math.min(Number(count), fields.length) - 1]?.place ?? 0;
    const page = fields.filter(({ place }) => place <= last);
    const next = fields[page.length]?.place ?? 0;
    return [String(next), page.flatMap(({ name, value }) => [name, value])];
  }

  function remove(key: string, map: Map<string, unknown> | undefined, names: string[]): Reply {
    if (!map) return 0;
    let removed = 0;
    for (const name of names) if (map.delete(name)) removed += 1;
    dropIfEmpty(key, map.size);
    return removed;
  }

  function zadd([key, ...pairs]: string[]): Reply {
    const scores = zset(key as string);
    let added = 0;
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      if (!scores.has(pairs[at + 1] as string)) added += 1;
      scores.set(pairs[at + 1] as string, Number(pairs[at]));
    }
    return added;
  }

  /** ZRANGE key min max BYSCORE LIMIT offset count, ordered by score and then by name. */
  function zrangeByScore(
    key: string,
    min: number,
    max: number,
    offset: number,
    count: number,
  ): string[] {
    const found = [...(find(key, "zset")?.scores ?? [])].filter(
      ([, score]) => score >= min && score <= max,
    );
    found.sort(([nameA, a], [nameB, b]) => a - b || (nameA < nameB ? -1 : 1));
    return found.slice(offset, offset + count).map(([name]) => name);
  }

  function pexpire([key = "", ms]: string[]): Reply {
    const value = contents.get(key);
    if (!value || value.expiresAtMs <= nowMs()) return 0;
    value.expiresAtMs = nowMs() + Number(ms);
    return 1;
  }

  function hincrby([key = "", field = "", by]: string[]): Reply {
    const fields = hash(key);
    const sum = Number(fields.get(field) ?? "0") + Number(by);
    fields.set(field, String(sum));
    return sum;
  }

  /** ZREMRANGEBYSCORE key -inf max */
  function zremUpTo([key = "", , max]: string[]): Reply {
    const scores = find(key, "zset")?.scores;
    const over = [...(scores ?? [])].filter(([, score]) => score <= Number(max));
    return remove(
      key,
      scores,
      over.map(([member]) => member),
    );
  }

  function command(name: string, args: string[]): Reply {
    const [key = "", field = ""] = args;
    switch (name) {
      case "TIME":
        return time(nowMs());
      case "GET":
        return find(key, "string")?.text ?? null;
      case "DEL":
        return args.filter((each) => contents.delete(each)).length;
      case "PEXPIRE":
        return pexpire(args);
      case "HINCRBY":
        return hincrby(args);
      case "ZREMRANGEBYSCORE":
        return zremUpTo(args);
      case "HGET":
        return find(key, "hash")?.fields.get(field) ?? null;
      case "HMGET": {
        const fields = find(key, "hash")?.fields;
        return args.slice(1).map((each) => fields?.get(each) ?? null);
      }
      case "HKEYS":
        return [...(find(key, "hash")?.fields.keys() ?? [])];
      case "HSCAN":
        return hscan(args);
      case "HLEN":
        return find(key, "hash")?.fields.size ?? 0;
      case "HEXISTS":
        return find(key, "hash")?.fields.has(field) ? 1 : 0;
      case "HSET":
        return hset(args);
      case "HSETNX":
        return find(key, "hash")?.fields.has(field) ? 0 : hset(args);
      case "HDEL":
        return remove(key, find(key, "hash")?.fields, args.slice(1));
      case "ZADD":
        return zadd(args);
      case "ZREM":
        return remove(key, find(key, "zset")?.scores, args.slice(1));
      case "ZSCORE":
        return find(key, "zset")?.scores.get(field)?.toString() ?? null;
      case "ZCARD":
        return find(key, "zset")?.scores.size ?? 0;
      case "SET":
        return set(args);
      case "PTTL": {
        const value = contents.get(key);
        if (value === undefined || value.expiresAtMs <= nowMs()) return -2;
        return value.expiresAtMs === Number.POSITIVE_INFINITY ? -1 : value.expiresAtMs - nowMs();
      }
      default:
        throw modelError(`ERR the simulated Redis does not know the command ${name}`);
    }
  }

  return {
    command,
    zrangeByScore,

    /** A copy of all keys, unaffected by later changes. */
    copy: (): RedisContents => copyOf(contents),

    /** Replaces all keys by another copy. */
    replace(copy: RedisContents): void {
      contents = copyOf(copy);
    },

    /** The fields of a hash, for inspection only. */
    hashAt: (key: string): ReadonlyMap<string, string> => find(key, "hash")?.fields ?? EMPTY,
    zsetAt: (key: string): ReadonlyMap<string, number> => find(key, "zset")?.scores ?? EMPTY_SCORES,
    keys: () => contents.keys(),
  };
}

const EMPTY: ReadonlyMap<string, string> = new Map();
const EMPTY_SCORES: ReadonlyMap<string, number> = new Map();

/** Seconds and microseconds, the seconds as a float: see lua.ts. */
function time(nowMs: number): Reply {
  return [`${Math.floor(nowMs / 1_000)}.0`, String((nowMs % 1_000) * 1_000)];
}

function copyOf(contents: RedisContents): RedisContents {
  const copy: RedisContents = new Map();
  for (const [key, value] of contents) {
    if (value.type === "hash") copy.set(key, { ...value, fields: new Map(value.fields) });
    else if (value.type === "zset") copy.set(key, { ...value, scores: new Map(value.scores) });
    else copy.set(key, { ...value });
  }
  return copy;
}
