import { openRedis } from "../admission/redis.ts";
import { createLectureWrites } from "../catalogue/cache/writing-lecture.ts";
import { openDatabase } from "../database/pool.ts";
import type { Schema } from "../database/schemas.ts";
import { proveZooKeeper } from "../pending/prove.ts";
import { openZooKeeper } from "../pending/session.ts";
import { proveBroker } from "../queue/prove.ts";
import { openPublisher } from "../queue/publisher.ts";
import { systemClock } from "../runtime/clock/clock.ts";
import { createSpanCounter } from "../runtime/metrics/spans.ts";
import { CHECK_WITHIN_MS, openAwayList } from "../runtime/telemetry/away.ts";
import { createLeftOutLog } from "../runtime/telemetry/left-out.ts";
import { openLog } from "../runtime/telemetry/log.ts";
import { openScrape } from "../runtime/telemetry/scrape.ts";
import { openTracing } from "../runtime/telemetry/tracing.ts";
import { createApp, type Readiness } from "./app.ts";
import { breakerOf, guardRedis } from "./breakers.ts";
import { readConfig } from "./config.ts";
import type { OriginDeps } from "./deps.ts";
import { withDoor } from "./door.ts";
import { createGate } from "./gate.ts";
import { originGauges } from "./gauges.ts";
import { guardServers } from "./guarded-servers.ts";
import { createOriginMetrics } from "./metrics.ts";
import { openProjection } from "./projection.ts";
import { cachedLectures } from "./replica-reads.ts";
import { openReplicas } from "./replicas.ts";
import { ORGANISERS_BODY_BYTES_MAX } from "./verify-edge.ts";

const config = readConfig(process.env);
const { log, families: logFamilies } = openLog({ service: "origin", level: config.LOG_LEVEL });
const spans = createSpanCounter();
const metrics = config.METRICS === "1" ? createOriginMetrics() : undefined;
const tracing = openTracing({ service: "origin", ...config, spans });
const stopping = new AbortController();

const zooKeeper = openZooKeeper({
  servers: config.ZOOKEEPER_URL,
  sessionTimeoutMs: 10_000,
  operationTimeoutMs: 3_000,
  maxInFlight: 500,
  onTrouble: (err) => log.warn({ event: "zookeeper_trouble", err }, "ZooKeeper is not connected"),
});
const publisher = openPublisher({
  url: config.RABBITMQ_URL,
  partitions: config.PARTITIONS,
  maxInFlight: 2_000,
  confirmTimeoutMs: 3_000,
  onTrouble: (err) => log.warn({ event: "rabbitmq_trouble", err }, "RabbitMQ is not connected"),
});
const open = (url: string, connections: number) =>
  openDatabase({ url, connections, acquireTimeoutMs: 3_000 });
const databases = {
  booking: open(config.BOOKING_MYSQL_URL, 10),
  catalogue: open(config.CATALOGUE_MYSQL_URL, 6),
  people: open(config.PEOPLE_MYSQL_URL, 2),
};
// A whole rush fits into the queues, and drains long before any deadline.
const gates = {
  commands: createGate({ places: config.COMMANDS_AT_ONCE, burst: 4_000 }),
  reads: createGate({ places: config.READS_AT_ONCE, burst: 8_000 }),
};
const guarded = guardServers(
  { zooKeeper, publisher, databases },
  {
    log,
    breakers: metrics?.breakers,
    maxWatches: config.MAX_STREAMS,
    stopping: stopping.signal,
  },
);
const redisClient = openRedis({
  url: config.UPSTASH_REDIS_REST_URL,
  token: config.UPSTASH_REDIS_REST_TOKEN,
  timeoutMs: config.CACHE_TIMEOUT_MS,
});
const cache = {
  redis: guardRedis(redisClient, breakerOf("redis", log, metrics?.breakers)),
  clock: systemClock,
  name: crypto.randomUUID(),
};
const tellLeftOut = createLeftOutLog(log);
const replicas = openReplicas(
  { primary: databases.catalogue, urls: config.CATALOGUE_REPLICA_URLS },
  log,
  stopping.signal,
);
const deps: OriginDeps = {
  ...guarded,
  replicas,
  lectures: cachedLectures({
    ...cache,
    catalogue: guarded.catalogue,
    replicas,
    gate: gates.reads,
    tellLeftOut,
    metrics,
  }),
  lectureWrites: createLectureWrites({
    ...cache,
    onLate: (lectureId, err) =>
      log.warn(
        { event: "cache_not_told", lectureId, err },
        "Redis could not be told of a change of the catalogue, and is told again",
      ),
  }),
  tellLeftOut,
  gates,
  log,
  metrics,
  tracing,
  edgeKeys: config.EDGE_KEYS,
  sessionKeys: config.SESSION_KEYS,
  sessionMinutes: config.SESSION_MINUTES,
  demoLogin: config.DEMO_LOGIN === "1",
  studentNumberCase: config.STUDENT_NUMBER_CASE,
  overlaps: config.OVERLAPS,
  timeZone: config.CAMPUS_TIME_ZONE,
  maxStreams: config.MAX_STREAMS,
  now: Date.now,
  stopping: stopping.signal,
};

const ping = (schema: Schema) =>
  databases[schema].withConnection((connection) => connection.ping(), CHECK_WITHIN_MS);

const lookForAway = openAwayList({
  rabbitmq: async () => {
    if (!publisher.ready()) throw new Error("the broker takes no messages");
    await proveBroker({ url: config.RABBITMQ_URL, timeoutMs: CHECK_WITHIN_MS });
  },
  zookeeper: () => proveZooKeeper(zooKeeper),
  redis: () => redisClient.ping(),
  mysql_booking: () => ping("booking"),
  mysql_catalogue: () => ping("catalogue"),
  mysql_people: () => ping("people"),
});

const scrape =
  metrics && openScrape([...metrics.families, ...originGauges(deps), ...logFamilies, spans]);

const server = Bun.serve({
  hostname: config.ORIGIN_HOST,
  port: config.ORIGIN_PORT,
  // Longer than the longest wait for a decision and the heartbeat of an event stream.
  idleTimeout: 60,
  maxRequestBodySize: ORGANISERS_BODY_BYTES_MAX,
  fetch: withDoor(createApp(deps, readiness, scrape).fetch, deps.gates, {
    turnedAway: metrics?.turnedAway,
  }),
});
log.info(
  { event: "origin_started", url: server.url.href, partitions: config.PARTITIONS },
  "the origin is running",
);

const projecting = openProjection(deps).run();

/** How long requests may take to end after the origin is asked to stop, in milliseconds. */
const DRAIN_MS = 5_000;

process.once("SIGTERM", stop);
process.once("SIGINT", stop);

/**
 * Takes no new request, ends the streams, waits for the confirms of commands being queued, then
 * ends everything.
 */
async function stop(): Promise<void> {
  stopping.abort();
  deps.watches.close();
  const cut = setTimeout(() => server.stop(true), DRAIN_MS);
  await server.stop();
  clearTimeout(cut);
  await Promise.race([projecting, Bun.sleep(DRAIN_MS)]);
  await publisher.close();
  await zooKeeper.close();
  await replicas.close();
  await Promise.all(Object.values(databases).map((database) => database.close()));
  await tracing?.close();
  log.info({ event: "origin_stopped" }, "the origin has stopped");
}

/**
 * Booking goes on without ZooKeeper and MySQL, so a balancer must keep an origin that has lost
 * them. `away` names them all the same.
 */
async function readiness(): Promise<Readiness> {
  const away = await lookForAway();
  return { ready: !away.includes("rabbitmq"), away };
}
