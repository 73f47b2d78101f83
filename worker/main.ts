import { proveRedis } from "../admission/prove.ts";
import { openRedis } from "../admission/redis.ts";
import { openSend } from "../admission/send.ts";
import { queueNames, SWEEPER_PATH } from "../contract/names.ts";
import { openDatabase } from "../database/pool.ts";
import { proveDatabase } from "../database/prove.ts";
import { createPendingNodes } from "../pending/create.ts";
import { campaign } from "../pending/leadership.ts";
import { proveZooKeeper } from "../pending/prove.ts";
import { openZooKeeper } from "../pending/session.ts";
import { openConsumer } from "../queue/consumer.ts";
import { openDepthReader } from "../queue/depth-reader.ts";
import { proveBroker } from "../queue/prove.ts";
import { openPublisher } from "../queue/publisher.ts";
import { systemClock } from "../runtime/clock/clock.ts";
import { createSpanCounter } from "../runtime/metrics/spans.ts";
import { CHECK_WITHIN_MS, type Checks, openAwayList } from "../runtime/telemetry/away.ts";
import { openLog } from "../runtime/telemetry/log.ts";
import { openScrape } from "../runtime/telemetry/scrape.ts";
import { openTracing } from "../runtime/telemetry/tracing.ts";
import { handleBatch } from "./batch.ts";
import { readConfig } from "./config.ts";
import { handleDeadLetters } from "./dead-letters.ts";
import type { SweeperDeps } from "./deps.ts";
import { keepForgetting } from "./forget.ts";
import { serveHealth } from "./health.ts";
import { keepLoaded } from "./load.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { keepSurveying } from "./survey.ts";
import { keepSweeping } from "./sweep.ts";

const config = readConfig(process.env);
const { log, families: logFamilies } = openLog({ service: "worker", level: config.LOG_LEVEL });
const spans = createSpanCounter();
const tracing = openTracing({ service: "worker", ...config, spans });
const stopping = new AbortController();

const zooKeeper = openZooKeeper({
  servers: config.ZOOKEEPER_URL,
  sessionTimeoutMs: 10_000,
  operationTimeoutMs: 5_000,
  maxInFlight: 500,
  onTrouble: (err) => log.warn({ event: "zookeeper_trouble", err }, "no connection to ZooKeeper"),
});
const leadership = campaign(zooKeeper, {
  path: SWEEPER_PATH,
  onChange: (leading) =>
    log.info(
      { event: "leadership", leading },
      leading ? "this worker sweeps" : "another one sweeps",
    ),
});
const publisher = openPublisher({
  url: config.RABBITMQ_URL,
  partitions: config.PARTITIONS,
  maxInFlight: 1_000,
  confirmTimeoutMs: 5_000,
  onTrouble: (err) => log.warn({ event: "rabbitmq_trouble", err }, "no connection to RabbitMQ"),
});

const metrics = config.METRICS === "1" ? createWorkerMetrics(leadership.leads) : undefined;

const redisAt = { url: config.UPSTASH_REDIS_REST_URL, token: config.UPSTASH_REDIS_REST_TOKEN };

/** Shortest time between two looks for queues without a consumer, in milliseconds. */
const ADOPT_EVERY_MS = 30_000;
let adoptedAtMs = Number.NEGATIVE_INFINITY;

const deps: SweeperDeps = {
  // One connection for each partition's transaction, four for loading, two for other reads.
  database: openDatabase({
    url: config.BOOKING_MYSQL_URL,
    connections: config.PARTITIONS + 6,
    acquireTimeoutMs: 5_000,
  }),
  redis: openRedis({ ...redisAt, timeoutMs: config.REDIS_TIMEOUT_MS }),
  zooKeeper,
  createPendingNode: createPendingNodes(zooKeeper),
  publisher,
  loader: crypto.randomUUID(),
  onStrayed: () => {
    if (performance.now() - adoptedAtMs < ADOPT_EVERY_MS) return;
    adoptedAtMs = performance.now();
    void consumer.adoptLeftovers();
  },
  leads: leadership.leads,
  log,
  metrics,
  tracing,
  now: Date.now,
  clock: systemClock,
  stopping: stopping.signal,
};

const working = [keepLoaded(deps), keepSweeping(deps), keepForgetting(deps)];
const depths =
  metrics &&
  openDepthReader({ url: config.RABBITMQ_URL, partitions: config.PARTITIONS, timeoutMs: 3_000 });
if (metrics && depths) working.push(keepSurveying(deps, metrics, depths));
const consumer = openConsumer({
  url: config.RABBITMQ_URL,
  partitions: config.PARTITIONS,
  prefetch: 2 * config.BATCH_COMMANDS,
  maxBatch: config.BATCH_COMMANDS,
  drainTimeoutMs: 10_000,
  handle: (deliveries) => handleBatch(deps, deliveries),
  onLeftovers: (queues) =>
    log.warn(
      { event: "partitions_left_over", queues, partitions: config.PARTITIONS },
      "queues of more partitions are emptied, and nothing more goes there",
    ),
  onTrouble: (err) => log.warn({ event: "rabbitmq_trouble", err }, "no connection to RabbitMQ"),
});

const deadLetters = openConsumer({
  url: config.RABBITMQ_URL,
  partitions: config.PARTITIONS,
  queues: [queueNames.dead],
  // One at a time: a lost worker is lost with one letter, and no other letter is suspected.
  prefetch: 1,
  maxBatch: 1,
  drainTimeoutMs: 10_000,
  handle: (deliveries) => handleDeadLetters(deps, deliveries),
  onTrouble: (err) => log.warn({ event: "rabbitmq_trouble", err }, "no connection to RabbitMQ"),
});

/** What a decision needs: its delivery, its write, its settlement, and the removal of its node. */
const checks: Checks = {
  rabbitmq: async () => {
    if (!consumer.ready()) throw new Error("not subscribed");
    await proveBroker({ url: config.RABBITMQ_URL, timeoutMs: CHECK_WITHIN_MS });
  },
  mysql: () =>
    deps.database.withConnection(
      (connection) => proveDatabase(connection, CHECK_WITHIN_MS, "booking"),
      CHECK_WITHIN_MS,
    ),
  redis: () => proveRedis(openSend({ ...redisAt, timeoutMs: CHECK_WITHIN_MS })),
  zookeeper: () => proveZooKeeper(zooKeeper),
};

const health = serveHealth({
  host: config.WORKER_HOST,
  port: config.WORKER_PORT,
  scrape: metrics && openScrape([...metrics.families, ...logFamilies, spans]),
  away: openAwayList(checks),
});
log.info(
  { event: "worker_started", url: health.url.href, partitions: config.PARTITIONS },
  "the worker is running",
);

process.once("SIGTERM", stop);
process.once("SIGINT", stop);

/**
 * Finishes the batches in progress, then ends everything. Other workers get the unacknowledged
 * rest.
 */
async function stop(): Promise<void> {
  await Promise.all([consumer.close(), deadLetters.close()]);
  stopping.abort();
  await Promise.all(working);
  await leadership.close();
  await depths?.close();
  await publisher.close();
  await zooKeeper.close();
  await deps.database.close();
  await health.stop(true);
  await tracing?.close();
  log.info({ event: "worker_stopped" }, "the worker has stopped");
}
