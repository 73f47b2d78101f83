import pino from "pino";
import { openRedis } from "../../../../admission/redis.ts";
import { type Database, openDatabase } from "../../../../database/pool.ts";
import { createPendingNodes } from "../../../../pending/create.ts";
import { openZooKeeper } from "../../../../pending/session.ts";
import { openPublisher } from "../../../../queue/publisher.ts";
import { systemClock } from "../../../../runtime/clock/clock.ts";
import type { SweeperDeps } from "../../../../worker/deps.ts";
import { type DirectRedis, openDirectRedis } from "./direct-redis.ts";
import type { CapacitySystem } from "./system.ts";

const PATIENCE_MS = 60_000;

/**
 * The real clients of all servers, as the worker's steps use them, so that each step can be
 * measured alone; and Redis directly.
 */
export interface Clients extends SweeperDeps {
  catalogue: Database;
  direct: DirectRedis;
  close(): Promise<void>;
}

/** Opens the clients, and waits for the servers with lasting connections. */
export async function openClients({ environment, brokerOf }: CapacitySystem): Promise<Clients> {
  const stopping = new AbortController();
  const zooKeeper = openZooKeeper({
    servers: environment.ZOOKEEPER_URL,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: PATIENCE_MS,
    maxInFlight: 2_000,
  });
  const publisher = openPublisher({
    ...brokerOf(4),
    maxInFlight: 1_000,
    confirmTimeoutMs: PATIENCE_MS,
  });
  const direct = await openDirectRedis(environment["REDIS_URL"] ?? "");
  const open = (url: string) =>
    openDatabase({ url, connections: 8, acquireTimeoutMs: PATIENCE_MS });
  const database = open(environment.BOOKING_MYSQL_URL);
  const catalogue = open(environment.CATALOGUE_MYSQL_URL);
  if (!(await zooKeeper.connectedWithin(PATIENCE_MS))) throw new Error("ZooKeeper does not answer");
  return {
    database,
    catalogue,
    redis: openRedis({
      url: environment.UPSTASH_REDIS_REST_URL,
      token: environment.UPSTASH_REDIS_REST_TOKEN,
      timeoutMs: PATIENCE_MS,
    }),
    zooKeeper,
    createPendingNode: createPendingNodes(zooKeeper, { maxWaiting: 1_000_000 }),
    publisher,
    loader: crypto.randomUUID(),
    leads: () => true,
    log: pino({ level: "error" }),
    now: Date.now,
    clock: systemClock,
    stopping: stopping.signal,
    direct,
    async close() {
      stopping.abort();
      await publisher.close();
      await zooKeeper.close();
      await Promise.all([database.close(), catalogue.close()]);
      await direct.close();
    },
  };
}
