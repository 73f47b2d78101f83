import { randomBytes } from "node:crypto";
import type { LectureId } from "../../../contract/ids.ts";
import type { Delivery } from "../../../queue/delivery.ts";
import { createSpanCounter } from "../../../runtime/metrics/spans.ts";
import { openTracing } from "../../../runtime/telemetry/tracing.ts";
import type { LectureDatabases } from "../../../stack/insert-lecture.ts";
import { handleBatch } from "../../../worker/batch.ts";
import type { WorkerDeps } from "../../../worker/deps.ts";
import { createWorkerMetrics } from "../../../worker/metrics.ts";
import { prepareCommands } from "../commands.ts";
import { makeLectures } from "../lectures.ts";
import { openWorkerDeps } from "../servers.ts";
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
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_TRACES_SAMPLER_ARG: SAMPLED,
    spans: createSpanCounter(),
  });
  const { deps, close } = await openWorkerDeps(environment, { connections: 2 });
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

async function batchesInTurn(
  sides: Record<keyof Managed, WorkerDeps & LectureDatabases>,
  seconds: number,
): Promise<Managed> {
  const lectureIds = await makeLectures(sides.bare, { count: 1, seats: 50_000_000 });
  const cpuSeconds: Managed = { ours: 0, bare: 0 };
  const endsAtMs = performance.now() + 1_000 * seconds;
  let batches = 0;
  for (; performance.now() < endsAtMs; batches += 1) {
    const order = batches % 2 === 0 ? (["ours", "bare"] as const) : (["bare", "ours"] as const);
    for (const side of order) cpuSeconds[side] += await cpuSecondsOfBatch(sides[side], lectureIds);
  }
  const decided = batches * BATCH_COMMANDS;
  return { ours: decided / cpuSeconds.ours, bare: decided / cpuSeconds.bare };
}

async function cpuSecondsOfBatch(deps: WorkerDeps, lectureIds: LectureId[]): Promise<number> {
  const deliveries = prepareCommands(lectureIds, BATCH_COMMANDS).map(
    (command): Delivery => ({ command, redelivered: false, deliveryCount: 0, ...traceOfSome() }),
  );
  const before = process.cpuUsage();
  await handleBatch(deps, deliveries);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

/** One command in a hundred carries its trace, as from an origin at the default ratio. */
function traceOfSome(): Pick<Delivery, "trace"> {
  if (Math.random() >= SAMPLED) return {};
  const traceId = randomBytes(16).toString("hex");
  return { trace: { traceId, spanId: traceId.slice(0, 16), sampled: true } };
}
