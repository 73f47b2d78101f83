import { modelError } from "../model-error.ts";
import type { Reply } from "./lua.ts";

/** The value of a key. An expiry is in Unix milliseconds, or NEVER. */
type Value =
  | { type: "string"; text: string; expiresAtMs: number }
  | { type: "hash"; members: Map<string, string>; expiresAtMs: number }
  | { type: "zset"; members: Map<string, number>; expiresAtMs: number };

const NEVER = Number.POSITIVE_INFINITY;

export type RedisContents = Map<string, Value>;

const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

/**
 * The data of a Redis server, with exactly the commands that Lectern sends, alone or from a script.
 * An unknown command throws, so that no command is misread. `nowMs` is Redis' clock.
 */
export function createRedisData(nowMs: () => number) {
  let contents: RedisContents = new Map();

  function isOver(value: Value | undefined): boolean {
    return value !== undefined && value.expiresAtMs <= nowMs();
  }

  function find<Type extends Value["type"]>(
    key: string,
    type: Type,
  ): Extract<Value, { type: Type }> | undefined {
    const value = contents.get(key);
    if (value === undefined) return undefined;
    if (isOver(value)) {
      contents.delete(key);
      return undefined;
    }
    if (value.type !== type) throw new Error(WRONG_TYPE);
    return value as Extract<Value, { type: Type }>;
  }

  function fieldsAt(key: string): ReadonlyMap<string, string> {
    return find(key, "hash")?.members ?? NO_FIELDS;
  }

  function scoresAt(key: string): ReadonlyMap<string, number> {
    return find(key, "zset")?.members ?? NO_SCORES;
  }

  function set([key = "", text = "", ...options]: string[]): Reply {
    let expiresAtMs = NEVER;
    let onlyNew = false;
    for (let at = 0; at < options.length; at += 1) {
      if (options[at] === "PX") expiresAtMs = nowMs() + Number(options[++at]);
      else if (options[at] === "NX") onlyNew = true;
      else throw new Error("ERR syntax error");
    }
    if (onlyNew && contents.has(key) && !isOver(contents.get(key))) return null;
    contents.set(key, { type: "string", text, expiresAtMs });
    return { ok: "OK" };
  }

  /** Returns the number of members that are new. */
  function add<Item>(members: Map<string, Item>, added: [name: string, item: Item][]): number {
    const before = members.size;
    for (const [name, item] of added) members.set(name, item);
    return members.size - before;
  }

  /** The members of the hash, which is made if the key has none. */
  function fieldsFor(key: string): Map<string, string> {
    const hash = find(key, "hash") ?? { type: "hash", members: new Map(), expiresAtMs: NEVER };
    contents.set(key, hash);
    return hash.members;
  }

  function hset([key = "", ...pairs]: string[]): Reply {
    return add(fieldsFor(key), pairsOf(pairs));
  }

  function hincrby([key = "", field = "", by]: string[]): Reply {
    const fields = fieldsFor(key);
    const sum = Number(fields.get(field) ?? "0") + Number(by);
    fields.set(field, String(sum));
    return sum;
  }

  function zadd([key = "", ...pairs]: string[]): Reply {
    const zset = find(key, "zset") ?? { type: "zset", members: new Map(), expiresAtMs: NEVER };
    contents.set(key, zset);
    return add(
      zset.members,
      pairsOf(pairs).map(([score, name]) => [name, Number(score)]),
    );
  }

  /**
   * HSCAN key cursor COUNT count, over the fields in the order of their hashes. As in the real
   * Redis, a field that exists throughout the scan comes at least once, whatever changes meanwhile.
   */
  function hscan([key = "", cursor, , count]: string[]): Reply {
    const fields = [...fieldsAt(key)]
      .map(([name, value]) => ({ name, value, place: 1 + Number(Bun.hash.crc32(name)) }))
      .filter(({ place }) => place >= Number(cursor))
      .sort((a, b) => a.place - b.place);
    const last = fields[Math.min(Number(count), fields.length) - 1]?.place ?? 0;
    const page = fields.filter(({ place }) => place <= last);
    const next = fields[page.length]?.place ?? 0;
    return [String(next), page.flatMap(({ name, value }) => [name, value])];
  }

  /** Redis keeps no empty hash or sorted set. */
  function remove(type: "hash" | "zset", [key = "", ...names]: string[]): Reply {
    const members = find(key, type)?.members;
    const removed = names.filter((name) => members?.delete(name)).length;
    if (members?.size === 0) contents.delete(key);
    return removed;
  }

  /** ZRANGE key min max BYSCORE LIMIT offset count, ordered by score and then by name. */
  function zrangeByScore(
    key: string,
    min: number,
    max: number,
    offset: number,
    count: number,
  ): string[] {
    const found = [...scoresAt(key)].filter(([, score]) => score >= min && score <= max);
    found.sort(([nameA, a], [nameB, b]) => a - b || (nameA < nameB ? -1 : 1));
    return found.slice(offset, offset + count).map(([name]) => name);
  }

  /** ZREMRANGEBYSCORE key -inf max */
  function zremUpTo([key = "", , max]: string[]): Reply {
    const over = [...scoresAt(key)].filter(([, score]) => score <= Number(max));
    return remove("zset", [key, ...over.map(([name]) => name)]);
  }

  function pexpire([key = "", ms]: string[]): Reply {
    const value = contents.get(key);
    if (value === undefined || isOver(value)) return 0;
    value.expiresAtMs = nowMs() + Number(ms);
    return 1;
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
        return fieldsAt(key).get(field) ?? null;
      case "HMGET": {
        const fields = fieldsAt(key);
        return args.slice(1).map((each) => fields.get(each) ?? null);
      }
      case "HKEYS":
        return [...fieldsAt(key).keys()];
      case "HSCAN":
        return hscan(args);
      case "HLEN":
        return fieldsAt(key).size;
      case "HEXISTS":
        return fieldsAt(key).has(field) ? 1 : 0;
      case "HSET":
        return hset(args);
      case "HSETNX":
        return fieldsAt(key).has(field) ? 0 : hset(args);
      case "HDEL":
        return remove("hash", args);
      case "ZADD":
        return zadd(args);
      case "ZREM":
        return remove("zset", args);
      case "ZSCORE":
        return scoresAt(key).get(field)?.toString() ?? null;
      case "ZCARD":
        return scoresAt(key).size;
      case "SET":
        return set(args);
      case "PTTL": {
        const value = contents.get(key);
        if (value === undefined || isOver(value)) return -2;
        return value.expiresAtMs === NEVER ? -1 : value.expiresAtMs - nowMs();
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

    /** The members of a hash or a sorted set, for inspection only. */
    hashAt: fieldsAt,
    zsetAt: scoresAt,
  };
}

const NO_FIELDS: ReadonlyMap<string, string> = new Map();
const NO_SCORES: ReadonlyMap<string, number> = new Map();

function pairsOf(texts: string[]): [string, string][] {
  return texts.flatMap((text, at) => (at % 2 === 1 ? [[texts[at - 1] ?? "", text]] : []));
}

/** Seconds and microseconds, the seconds as a float: see lua.ts. */
function time(nowMs: number): Reply {
  return [`${Math.floor(nowMs / 1_000)}.0`, String((nowMs % 1_000) * 1_000)];
}

function copyOf(contents: RedisContents): RedisContents {
  return new Map([...contents].map(([key, value]) => [key, copyOfValue(value)]));
}

function copyOfValue(value: Value): Value {
  switch (value.type) {
    case "string":
      return { ...value };
    case "hash":
      return { ...value, members: new Map(value.members) };
    case "zset":
      return { ...value, members: new Map(value.members) };
  }
}
