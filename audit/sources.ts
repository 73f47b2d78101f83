import type { Redis } from "@upstash/redis/cloudflare";
import { openRedis } from "../admission/redis.ts";
import { type Database, openDatabase } from "../database/pool.ts";
import { openZooKeeper, type ZooKeeperSession } from "../pending/session.ts";
import type { AuditConfig } from "./config.ts";

/** The four servers an audit reads. RabbitMQ is only told by its address: it is asked on a connection for each reading. */
export interface AuditSources {
  database: Database;
  redis: Redis;
  zooKeeper: ZooKeeperSession;
  rabbit: { url: string; partitions: number };
}

export type OpenSources = AuditSources & { close(): Promise<void> };

const PATIENCE_MS = 10_000;

/**
 * Connects to ZooKeeper, and prepares the others, which are connected when they are first asked. Rejects when ZooKeeper does not answer
 * within ten seconds, with nothing left open.
 */
export async function openSources(config: AuditConfig): Promise<OpenSources> {
  const zooKeeper = openZooKeeper({
    servers: config.ZOOKEEPER_URL,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: PATIENCE_MS,
    maxInFlight: 500,
  });
  if (!(await zooKeeper.connectedWithin(PATIENCE_MS))) {
    await zooKeeper.close();
    throw new Error("ZooKeeper does not answer");
  }
  const database = openDatabase({ url: config.MYSQL_URL, connections: 2, acquireTimeoutMs: PATIENCE_MS });
  return {
    database,
    redis: openRedis({
      url: config.UPSTASH_REDIS_REST_URL,
      token: config.UPSTASH_REDIS_REST_TOKEN,
      timeoutMs: PATIENCE_MS,
    }),
    zooKeeper,
    rabbit: { url: config.RABBITMQ_URL, partitions: config.PARTITIONS },
    async close() {
      await Promise.all([zooKeeper.close(), database.close()]);
    },
  };
}
