import pino from "pino";
import { openRedis } from "../../admission/redis.ts";
import { openDatabase } from "../../database/pool.ts";
import { type Schema, SETTING_OF } from "../../database/schemas.ts";
import { openZooKeeper, type ZooKeeperSession } from "../../pending/session.ts";
import { openPublisher, type Publisher } from "../../queue/publisher.ts";
import { systemClock } from "../../runtime/clock/clock.ts";
import type { StackEnvironment } from "../../stack/environment.ts";
import type { LectureDatabases } from "../../stack/insert-lecture.ts";
import type { WorkerDeps } from "../../worker/deps.ts";
import type { Broker } from "./system.ts";

/** Longer than any measured operation may take. */
const PATIENCE_MS = 60_000;

export function redisOf(environment: StackEnvironment) {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  return openRedis({ url, token, timeoutMs: PATIENCE_MS });
}

export function databaseOf(
  environment: StackEnvironment,
  connections: number,
  schema: Schema = "booking",
) {
  const url = environment[SETTING_OF[schema]];
  return openDatabase({ url, connections, acquireTimeoutMs: PATIENCE_MS });
}

/** Opens a session, and waits for the server. */
export async function zooKeeperOf(
  { ZOOKEEPER_URL }: StackEnvironment,
  { maxInFlight = 500 } = {},
): Promise<ZooKeeperSession> {
  const session = openZooKeeper({
    servers: ZOOKEEPER_URL,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: PATIENCE_MS,
    maxInFlight,
  });
  if (await session.connectedWithin(PATIENCE_MS)) return session;
  throw new Error("ZooKeeper does not answer");
}

/** Opens a publisher, and waits for the broker. */
export async function publisherOf(
  broker: Broker,
  { maxInFlight = 1_000 } = {},
): Promise<Publisher> {
  const publisher = openPublisher({ ...broker, maxInFlight, confirmTimeoutMs: PATIENCE_MS });
  if (await publisher.readyWithin(PATIENCE_MS)) return publisher;
  await publisher.close();
  throw new Error("RabbitMQ does not answer");
}

/**
 * The real clients of the worker's steps, assembled as in worker/main.ts; and the catalogue, for
 * making lectures.
 */
export async function openWorkerDeps(
  environment: StackEnvironment,
  { connections, maxInFlight }: { connections: number; maxInFlight?: number },
) {
  const zooKeeper = await zooKeeperOf(environment, { maxInFlight });
  const database = databaseOf(environment, connections);
  const catalogue = databaseOf(environment, connections, "catalogue");
  const stopping = new AbortController();
  const deps: WorkerDeps & LectureDatabases = {
    database,
    catalogue,
    redis: redisOf(environment),
    zooKeeper,
    log: pino({ level: "error" }),
    now: Date.now,
    clock: systemClock,
    stopping: stopping.signal,
  };
  return {
    deps,
    async close(): Promise<void> {
      stopping.abort();
      await zooKeeper.close();
      await Promise.all([database.close(), catalogue.close()]);
    },
  };
}
