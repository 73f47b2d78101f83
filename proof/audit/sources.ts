import type { Redis } from "@upstash/redis/cloudflare";
import { openRedis } from "../../admission/redis.ts";
import { type Database, openDatabase } from "../../database/pool.ts";
import { openZooKeeper, type ZooKeeperSession } from "../../pending/session.ts";
import type { AuditConfig } from "./config.ts";

/**
 * The four servers of an audit. RabbitMQ is given as an address: each reading opens its own
 * connection.
 */
export interface AuditSources {
  /** the booking schema */
  database: Database;
  catalogue: Database;
  redis: Redis;
  zooKeeper: ZooKeeperSession;
  rabbit: { url: string; partitions: number };
}

export type OpenSources = AuditSources & { close(): Promise<void> };

const PATIENCE_MS = 10_000;

/**
 * Opens the servers and asks each except RabbitMQ, which is asked later. Rejects with the name of a
 * server without an answer within ten seconds, with everything closed again.
 */
export async function openSources(config: AuditConfig): Promise<OpenSources> {
  const zooKeeper = openZooKeeper({
    servers: config.ZOOKEEPER_URL,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: PATIENCE_MS,
    maxInFlight: 500,
  });
  const open = (url: string) =>
    openDatabase({ url, connections: 2, acquireTimeoutMs: PATIENCE_MS });
  const database = open(config.BOOKING_MYSQL_URL);
  const catalogue = open(config.CATALOGUE_MYSQL_URL);
  const redis = openRedis({
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    timeoutMs: PATIENCE_MS,
  });
  const close = async () => {
    await Promise.all([zooKeeper.close(), database.close(), catalogue.close()]);
  };
  try {
    await named("MySQL", () => database.withConnection((connection) => connection.ping()));
    await named("MySQL", () => catalogue.withConnection((connection) => connection.ping()));
    await named("Redis", () => redis.ping());
    if (!(await zooKeeper.connectedWithin(PATIENCE_MS)))
      throw new Error("ZooKeeper does not answer");
  } catch (error) {
    await close();
    throw error;
  }
  const rabbit = { url: config.RABBITMQ_URL, partitions: config.PARTITIONS };
  return { database, catalogue, redis, zooKeeper, rabbit, close };
}

async function named(server: string, ask: () => Promise<unknown>): Promise<void> {
  await ask().catch((error: unknown) => {
    throw new Error(`${server} does not answer`, { cause: error });
  });
}
