import { eventually } from "../../../../test/servers.ts";
import type { DirectRedis } from "../direct-redis.ts";

/** The bytes that Redis has allocated. */
export async function usedMemory(direct: DirectRedis): Promise<number> {
  return Number(await infoField(direct, "memory", "used_memory"));
}

/** The bytes of the append-only file. */
export async function aofBytes(direct: DirectRedis): Promise<number> {
  return Number(await infoField(direct, "persistence", "aof_current_size"));
}

/** The number of keys of a kind and their bytes, without their share of the key table. */
export interface KeyKind {
  keys: number;
  bytes: number;
}

/** The memory of all keys by kind: `claims`, `throttle`, `limit:user`. */
export async function memoryByKind(direct: DirectRedis): Promise<Record<string, KeyKind>> {
  const kinds: Record<string, KeyKind> = {};
  for await (const keys of allKeys(direct)) {
    const bytes = await bytesOfKeys(direct, keys);
    for (const [at, key] of keys.entries()) {
      const name = kindOf(key);
      const kind = kinds[name] ?? { keys: 0, bytes: 0 };
      kinds[name] = { keys: kind.keys + 1, bytes: kind.bytes + (bytes[at] ?? 0) };
    }
  }
  return kinds;
}

/** The memory of each key, without its share of the key table. */
export async function bytesOfKeys(direct: DirectRedis, keys: string[]): Promise<number[]> {
  const asked = keys.map((key) => ["MEMORY", "USAGE", key, "SAMPLES", "0"] as const);
  return (await direct.ask(...asked)).map(Number);
}

/** `lectern:{7}:throttle:s-1` is a throttle, `lectern:limit:user:s-1` is limit:user. */
function kindOf(key: string): string {
  const ofLecture = /^lectern:\{\d+\}:(\w+)/.exec(key)?.[1];
  return ofLecture ?? /^lectern:(\w+(?::\w+)?)/.exec(key)?.[1] ?? "other";
}

async function* allKeys(direct: DirectRedis): AsyncIterable<string[]> {
  let cursor = "0";
  do {
    const [reply] = await direct.ask(["SCAN", cursor, "COUNT", "2000"]);
    const [next, keys] = reply as [string, string[]];
    if (keys.length > 0) yield keys;
    cursor = next;
  } while (cursor !== "0");
}

/**
 * Redis' own statistics of a command: its time in the server without queueing and network, in
 * microseconds.
 */
export interface CommandTimes {
  calls: number;
  meanUs: number;
  p50Us: number;
  p99Us: number;
}

/** Counts a command of Redis from now on. Returns a function that reads the count. */
export async function countCommand(
  direct: DirectRedis,
  name: string,
): Promise<() => Promise<CommandTimes>> {
  await direct.ask(["CONFIG", "RESETSTAT"]);
  return async () => {
    const stats = await infoField(direct, "commandstats", `cmdstat_${name}`);
    const latencies = await infoField(direct, "latencystats", `latency_percentiles_usec_${name}`);
    return {
      calls: Number(/calls=(\d+)/.exec(stats)?.[1] ?? 0),
      meanUs: Number(/usec_per_call=([\d.]+)/.exec(stats)?.[1] ?? 0),
      p50Us: Number(/p50=([\d.]+)/.exec(latencies)?.[1] ?? 0),
      p99Us: Number(/p99=([\d.]+)/.exec(latencies)?.[1] ?? 0),
    };
  };
}

/** Waits until all keys with an expiry are gone: the rest is what a lecture keeps. */
export async function untilExpired(direct: DirectRedis, withinMs: number): Promise<void> {
  const areGone = async () => !/expires=[1-9]/.test(await infoField(direct, "keyspace", "db0"));
  await eventually("keys in Redis expire", areGone, withinMs);
}

async function infoField(direct: DirectRedis, section: string, name: string): Promise<string> {
  const [text] = await direct.ask(["INFO", section]);
  return new RegExp(`^${name}:(.*)$`, "m").exec(String(text).replaceAll("\r", ""))?.[1] ?? "";
}
