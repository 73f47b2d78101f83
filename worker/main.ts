import pino from "pino";
import { openRedis } from "../admission/redis.ts";
import { openDatabase } from "../database/pool.ts";
import { openZooKeeper } from "../pending/session.ts";
import { openConsumer } from "../queue/consumer.ts";
import { handleBatch } from "./batch.ts";
import { readConfig } from "./config.ts";
import type { WorkerDeps } from "./deps.ts";
import { serveHealth } from "./health.ts";
import { keepLoaded } from "./load.ts";

const config = readConfig(process.env);
const log = pino({ level: config.LOG_LEVEL, base: { service: "worker" } });
const stopping = new AbortController();

const deps: WorkerDeps = {
  // A connection for each partition's transaction, and two for loading.
  database: openDatabase({
    url: config.MYSQL_URL,
    connections: config.PARTITIONS + 2,
    acquireTimeoutMs: 5_000,
  }),
  redis: openRedis({
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    timeoutMs: config.REDIS_TIMEOUT_MS,
  }),
  zooKeeper: openZooKeeper({
    servers: config.ZOOKEEPER_URL,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: 5_000,
    maxInFlight: 500,
    onTrouble: (err) => log.warn({ event: "zookeeper_trouble", err }, "no connection to ZooKeeper"),
  }),
  log,
  now: Date.now,
  stopping: stopping.signal,
};

const loading = keepLoaded(deps);
const consumer = openConsumer({
  url: config.RABBITMQ_URL,
  partitions: config.PARTITIONS,
  prefetch: 2 * config.BATCH_COMMANDS,
  maxBatch: config.BATCH_COMMANDS,
  drainTimeoutMs: 10_000,
  handle: (deliveries) => handleBatch(deps, deliveries),
  onTrouble: (err) => log.warn({ event: "rabbitmq_trouble", err }, "no connection to RabbitMQ"),
});

const health = serveHealth({
  host: config.WORKER_HOST,
  port: config.WORKER_PORT,
  isReady: async () => consumer.ready() && deps.zooKeeper.connected() && (await answers(deps)),
});
log.info(
  { event: "worker_started", url: health.url.href, partitions: config.PARTITIONS },
  "the worker is running",
);

process.once("SIGTERM", stop);
process.once("SIGINT", stop);

/** Finishes the batches that are being decided, then ends everything. What was not acknowledged goes to another worker. */
async function stop(): Promise<void> {
  await consumer.close();
  stopping.abort();
  await loading;
  await deps.zooKeeper.close();
  await deps.database.close();
  await health.stop(true);
  log.info({ event: "worker_stopped" }, "the worker has stopped");
}

async function answers({ database, redis }: WorkerDeps): Promise<boolean> {
  const checks = [
    database.withConnection((connection) => connection.ping()),
    redis.hget("lectern:ready", "probe"),
  ];
  return (await Promise.allSettled(checks)).every(({ status }) => status === "fulfilled");
}
