import { randomBytes } from "node:crypto";
import pino from "pino";
import { openRedis } from "../../../admission/redis.ts";
import type { ReserveCommand } from "../../../contract/command.ts";
import { openZooKeeper } from "../../../pending/session.ts";
import type { Delivery } from "../../../queue/delivery.ts";
import { systemClock } from "../../../runtime/clock/clock.ts";
import { createSpanCounter } from "../../../runtime/metrics/spans.ts";
import { openTracing } from "../../../runtime/telemetry/tracing.ts";
import {
  insertLecture,
  type LectureDatabases,
  openLectureDatabases,
} from "../../../stack/insert-lecture.ts";
import { handleBatch } from "../../../worker/batch.ts";
import type { WorkerDeps } from "../../../worker/deps.ts";
import { createWorkerMetrics } from "../../../worker/metrics.ts";
import type { Managed, Sides } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openSink, SAMPLED } from "./collector.ts";

const BATCH_COMMANDS = 500;

/** Bun optimises the code of both for the first ten seconds. */
const WARM_UP_SECONDS = 20;

/**
 * The worker's batch from delivery to verdict, in this process: batches with all telemetry and with
 * none alternate. The unit is decisions per second of this process' CPU.
 */
export async function openWorkers({ environment }: BenchSystem): Promise<Sides> {
  const sink = openSink();
  const tracing = openTracing({
    service: "worker",
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    OTEL_TRACES_SAMPLER_ARG: Number(SAMPLED),
    spans: createSpanCounter(),
  });
  const { deps, close } = await openWorker(environment);
  const sides = {
    ours: { ...deps, metrics: createWorkerMetrics(() => false), tracing },
    bare: deps,
  };
  return {
    async warmUp() {
      await batchesInTurn(sides, WARM_UP_SECONDS);
    },
    both: (seconds) => batchesInTurn(sides, seconds),
    async close() {
      await tracing?.close();
      await close();
      await sink.close();
    },
  };
}

async function openWorker(environment: BenchSystem["environment"]) {
  const { ZOOKEEPER_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = environment;
  const zooKeeper = openZooKeeper({
    servers: ZOOKEEPER_URL,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: 5_000,
    maxInFlight: 500,
  });
  await zooKeeper.connectedWithin(10_000);
  const databases = openLectureDatabases(environment, 2);
  const { database, catalogue } = databases;
  const deps: WorkerDeps & LectureDatabases = {
    database,
    catalogue,
    redis: openRedis({
      url: UPSTASH_REDIS_REST_URL,
      token: UPSTASH_REDIS_REST_TOKEN,
      timeoutMs: 10_000,
    }),
    zooKeeper,
    log: pino({ level: "error" }),
    now: Date.now,
    clock: systemClock,
    stopping: new AbortController().signal,
  };
  return {
    deps,
    async close() {
      await zooKeeper.close();
      await databases.close();
    },
  };
}

async function batchesInTurn(
  sides: Record<keyof Managed, WorkerDeps & LectureDatabases>,
  seconds: number,
): Promise<Managed> {
  const lectureId = await openLecture(sides.bare);
  const cpuSeconds: Managed = { ours: 0, bare: 0 };
  const endsAtMs = performance.now() + 1_000 * seconds;
  let batches = 0;
  for (; performance.now() < endsAtMs; batches += 1) {
    const order = batches % 2 === 0 ? (["ours", "bare"] as const) : (["bare", "ours"] as const);
    for (const side of order) cpuSeconds[side] += await cpuSecondsOfBatch(sides[side], lectureId);
  }
  const decided = batches * BATCH_COMMANDS;
  return { ours: decided / cpuSeconds.ours, bare: decided / cpuSeconds.bare };
}

async function cpuSecondsOfBatch(deps: WorkerDeps, lectureId: string): Promise<number> {
  const deliveries = Array.from({ length: BATCH_COMMANDS }, () => deliveryOf(lectureId));
  const before = process.cpuUsage();
  await handleBatch(deps, deliveries);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

/** A lecture with seats for all. */
async function openLecture(databases: LectureDatabases): Promise<string> {
  const [opensAt, closesAt] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
  const words = { title: "Light", speaker: "Department of Physics", venue: "Hall 1" };
  const times = { opensAt, closesAt, startsAt: closesAt, endsAt: new Date(8e12) };
  return await insertLecture(databases, { ...words, ...times, capacity: 50_000_000 });
}

/** A new command. One in a hundred carries its trace, as from an origin at the default ratio. */
function deliveryOf(lectureId: string): Delivery {
  const unique = randomBytes(16).toString("hex");
  const command: ReserveCommand = {
    kind: "reserve",
    rid: `${lectureId}-${unique}`,
    lectureId,
    userId: `b-${unique}`,
    claimedAtMs: Date.now(),
  };
  const trace = { traceId: unique, spanId: unique.slice(0, 16), sampled: true };
  return {
    command,
    redelivered: false,
    deliveryCount: 0,
    ...(Math.random() < Number(SAMPLED) && { trace }),
  };
}
