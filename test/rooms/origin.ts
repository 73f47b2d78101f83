import pino from "pino";
import { openRedis } from "../../admission/redis.ts";
import { createLectureWrites } from "../../catalogue/cache/writing-lecture.ts";
import type { Command, ReserveCommand } from "../../contract/command.ts";
import { ridOf } from "../../contract/ids.ts";
import { Keyring } from "../../contract/keyring.ts";
import { BUDGET_HEADER } from "../../contract/origin-api.ts";
import { SIGNATURE_HEADER, sign } from "../../contract/signature.ts";
import { type Database, openDatabase } from "../../database/pool.ts";
import type { Schema } from "../../database/schemas.ts";
import { createApp } from "../../origin/app.ts";
import { breakerOf, guardRedis } from "../../origin/breakers.ts";
import type { OriginDeps } from "../../origin/deps.ts";
import { createGate, type GateOptions } from "../../origin/gate.ts";
import { guardServers } from "../../origin/guarded-servers.ts";
import type { OriginMetrics } from "../../origin/metrics.ts";
import { cachedLectures } from "../../origin/replica-reads.ts";
import { openReplicas } from "../../origin/replicas.ts";
import { openZooKeeper } from "../../pending/session.ts";
import { openPublisher } from "../../queue/publisher.ts";
import { systemClock } from "../../runtime/clock/clock.ts";
import { createLeftOutLog } from "../../runtime/telemetry/left-out.ts";
import type { Tracing } from "../../runtime/telemetry/tracing.ts";
import { addressOf, eventually, randomLectureId } from "../servers.ts";
import { openWire, type Wire } from "./wire.ts";

const edgeKeys = Keyring.parse(`k:${new Uint8Array(32).fill(1).toBase64()}`);

export interface TestOriginOptions {
  /** commands queued at once, and how many may wait */
  commands?: GateOptions;
  /** messages in flight */
  window?: number;
  /** how long ZooKeeper may take for an answer, in milliseconds */
  zooKeeperTimeoutMs?: number;
  overlaps?: OriginDeps["overlaps"];
  /** the databases, if others than the test servers' */
  urls?: Record<Schema, string>;
  /** replicas of the catalogue */
  replicaUrls?: string[];
  metrics?: OriginMetrics;
  tracing?: Tracing | undefined;
}

export interface TestAsk {
  body?: unknown;
  budgetMs?: number;
  headers?: Record<string, string>;
}

export type TestOrigin = Awaited<ReturnType<typeof openTestOrigin>>;

/**
 * The origin's app with its breakers and gates and short timeouts. The real servers are behind
 * wires that a test can break.
 */
export async function openTestOrigin({
  commands,
  window = 100,
  zooKeeperTimeoutMs = 500,
  overlaps = "tell",
  urls = {
    booking: addressOf("BOOKING_MYSQL_URL"),
    catalogue: addressOf("CATALOGUE_MYSQL_URL"),
    people: addressOf("PEOPLE_MYSQL_URL"),
  },
  replicaUrls = [],
  metrics,
  tracing,
}: TestOriginOptions = {}) {
  const wires = {
    zooKeeper: await openWire(`tcp://${addressOf("ZOOKEEPER_URL")}`),
    rabbitMq: await openWire(addressOf("RABBITMQ_URL")),
    mySql: await openWire(urls.booking),
    catalogue: await openWire(urls.catalogue),
    people: await openWire(urls.people),
    redis: await openWire(addressOf("UPSTASH_REDIS_REST_URL")),
  };
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const zooKeeper = openZooKeeper({
    servers: wires.zooKeeper.url.replace("tcp://", ""),
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: zooKeeperTimeoutMs,
    maxInFlight: 500,
  });
  const publisher = openPublisher({
    url: wires.rabbitMq.url,
    partitions: 2,
    maxInFlight: window,
    confirmTimeoutMs: 1_000,
    onTrouble: () => {},
  });
  const open = ({ url }: Wire) => openDatabase({ url, connections: 2, acquireTimeoutMs: 1_000 });
  const databases = {
    booking: open(wires.mySql),
    catalogue: open(wires.catalogue),
    people: open(wires.people),
  };
  const stopping = new AbortController();
  const settings = testSettings(commands);
  const guarded = guardServers(
    { zooKeeper, publisher, databases },
    { log, breakers: metrics?.breakers, maxWatches: 100, stopping: stopping.signal },
  );
  const client = openRedis({
    url: wires.redis.url,
    token: addressOf("UPSTASH_REDIS_REST_TOKEN"),
    timeoutMs: 3_000,
  });
  const cache = {
    redis: guardRedis(client, breakerOf("redis", log, metrics?.breakers)),
    clock: systemClock,
    name: crypto.randomUUID(),
  };
  const reads = { catalogue: 0 };
  const catalogue = counted(guarded.catalogue, () => {
    reads.catalogue += 1;
  });
  const tellLeftOut = createLeftOutLog(log);
  const primary = databases.catalogue;
  const replicas = openReplicas({ primary, urls: replicaUrls }, log, stopping.signal);
  const gate = settings.gates.reads;
  const deps: OriginDeps = {
    ...settings,
    ...guarded,
    catalogue,
    replicas,
    lectures: cachedLectures({ ...cache, catalogue, replicas, gate, tellLeftOut, metrics }),
    lectureWrites: createLectureWrites(cache),
    tellLeftOut,
    log,
    metrics,
    tracing,
    edgeKeys,
    sessionKeys: edgeKeys,
    overlaps,
    stopping: stopping.signal,
  };
  const app = createApp(deps, async () => ({ ready: true, away: [] }));
  await eventually("the servers are there", async () => zooKeeper.connected() && publisher.ready());

  /** Sends a signed request; bytes go as they are. */
  function send(
    path: string,
    { body, budgetMs = 5_000, headers: further = {} }: TestAsk = {},
  ): Promise<Response> {
    const method = body === undefined ? "GET" : "POST";
    const bytes = bytesOf(body);
    const signature = sign(edgeKeys, { method, path, body: bytes }, Date.now());
    const headers = {
      [SIGNATURE_HEADER]: signature,
      [BUDGET_HEADER]: String(budgetMs),
      ...further,
    };
    const init = { method, headers, ...(body !== undefined && { body: bytes }) };
    return Promise.resolve(app.request(`http://origin${path}`, init));
  }

  async function ask(path: string, how?: TestAsk) {
    const response = await send(path, how);
    const answer = (await response.json()) as Record<string, unknown>;
    return {
      status: response.status,
      body: answer,
      retryAfter: response.headers.get("retry-after"),
    };
  }

  return {
    wires,
    zooKeeper,
    publisher,
    deps,
    /** work that got a connection of the catalogue's primary so far */
    reads,
    gates: deps.gates,
    watches: deps.watches,
    replicas,
    logged,
    send,
    ask,
    order: (command: Command, { waitMs = 0, ...how }: TestAsk & { waitMs?: number } = {}) =>
      ask("/commands", { ...how, body: { command, waitMs } }),
    /** The openings and closings of breakers so far, with their servers, in order. */
    breakers: () =>
      logged.flatMap(({ event, server }) =>
        event === "breaker_opened" || event === "breaker_closed" ? [`${server} ${event}`] : [],
      ),
    async close() {
      stopping.abort();
      for (const wire of Object.values(wires)) wire.mend();
      deps.watches.close();
      await publisher.close();
      await zooKeeper.close();
      await replicas.close();
      await Promise.all(Object.values(databases).map((database) => database.close()));
      for (const wire of Object.values(wires)) await wire.close();
    },
  };
}

/** The database, with each piece of work counted. */
function counted(database: Database, count: () => void): Database {
  return {
    ...database,
    withConnection: (work, acquireTimeoutMs) => {
      count();
      return database.withConnection(work, acquireTimeoutMs);
    },
  };
}

/** Settings of an origin in a test: two streams, and gates that rarely refuse. */
export function testSettings(
  commands: GateOptions = { places: 50, burst: 50 },
): Pick<
  OriginDeps,
  | "gates"
  | "sessionMinutes"
  | "demoLogin"
  | "studentNumberCase"
  | "overlaps"
  | "timeZone"
  | "maxStreams"
  | "now"
> {
  return {
    gates: { commands: createGate(commands), reads: createGate({ places: 50, burst: 50 }) },
    sessionMinutes: 10,
    demoLogin: true,
    studentNumberCase: "upper",
    overlaps: "tell",
    timeZone: "Asia/Shanghai",
    maxStreams: 2,
    now: Date.now,
  };
}

function bytesOf(body: unknown): Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return Uint8Array.from(body);
  return new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body));
}

/** A command whose lecture and rid no other test uses. */
export async function newCommand(): Promise<ReserveCommand> {
  const lectureId = randomLectureId();
  const rid = ridOf(lectureId, "u1", "key");
  return { kind: "reserve", rid, lectureId, userId: "u1", claimedAtMs: Date.now() };
}
