import type { Redis } from "@upstash/redis";
import { openRedis } from "../admission/redis.ts";
import { type Database, openDatabase } from "../database/pool.ts";
import { type Schema, SETTING_OF } from "../database/schemas.ts";

/**
 * The address of a real server, from the environment of the test run or of the developer's shell.
 */
export function addressOf(
  name:
    | "UPSTASH_REDIS_REST_URL"
    | "UPSTASH_REDIS_REST_TOKEN"
    | "RABBITMQ_URL"
    | (typeof SETTING_OF)[Schema]
    | "ZOOKEEPER_URL",
): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: npm test starts the servers, npm run test:up keeps them`);
  return value;
}

/** The Redis client of edge and worker, on the test servers. */
export function openTestRedis(): Redis {
  return openRedis({
    url: addressOf("UPSTASH_REDIS_REST_URL"),
    token: addressOf("UPSTASH_REDIS_REST_TOKEN"),
    timeoutMs: 10_000,
  });
}

/** The database of a schema on the test servers. */
export function openTestDatabase(schema: Schema = "booking"): Database {
  return openDatabase({
    url: addressOf(SETTING_OF[schema]),
    connections: 4,
    acquireTimeoutMs: 5_000,
  });
}

/** A lecture id that no other test uses: fifteen random digits. */
export function randomLectureId(): string {
  return String(100_000_000_000_000 + Math.floor(Math.random() * 899_999_999_999_999));
}

/**
 * Asks every 20 ms until `holds` gives a value. Rejects with `what` after `withinMs` milliseconds.
 */
export async function eventually<T>(
  what: string,
  holds: () => Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const endsAtMs = performance.now() + withinMs;
  for (;;) {
    const value = await holds();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endsAtMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await Bun.sleep(20);
  }
}
