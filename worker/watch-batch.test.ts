import { afterAll, expect, test } from "bun:test";
import type { Command } from "../contract/command.ts";
import type { Delivery } from "../queue/delivery.ts";
import { exposition } from "../runtime/metrics/exposition.ts";
import { createSpanCounter } from "../runtime/metrics/spans.ts";
import { openTracing } from "../runtime/telemetry/tracing.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { openTraceCollector } from "../test/trace-collector.ts";
import { handleBatch } from "./batch.ts";
import type { WorkerDeps } from "./deps.ts";
import { loadMissing } from "./load.ts";
import { createWorkerMetrics } from "./metrics.ts";

const room = await openWorkerRoom();
afterAll(() => room.close());

function counted() {
  const metrics = createWorkerMetrics(() => false);
  const deps: WorkerDeps = { ...room.deps, metrics };
  const value = (sample: string) => {
    const line = exposition(metrics.families)
      .split("\n")
      .find((text) => text.startsWith(`${sample} `));
    return Number(line?.split(" ").at(-1));
  };
  return { deps, value };
}

async function openLecture(capacity: number) {
  const lectureId = await room.publishLecture(capacity);
  await loadMissing(room.deps);
  return lectureId;
}

test("metrics count a batch once: size, decisions, times and messages", async () => {
  const { deps, value } = counted();
  const lectureId = await openLecture(1);
  const claimed = await room.reserve(lectureId, "u1");
  const late = {
    ...(await room.reserve(lectureId, "u2", "other")),
    claimedAtMs: Date.now() - 7_000,
  };
  const batch: Delivery[] = [
    ...deliveriesOf([claimed, late]),
    { unreadable: "not JSON", body: Buffer.from("{"), redelivered: false, deliveryCount: 0 },
  ];
  await handleBatch(deps, batch);
  expect(value('lectern_worker_decisions_total{status="confirmed",reason="none"}')).toBe(1);
  expect(value('lectern_worker_decisions_total{status="rejected",reason="sold_out"}')).toBe(1);
  expect(value('lectern_worker_decision_seconds_bucket{le="5"}')).toBe(1);
  expect(value('lectern_worker_decision_seconds_bucket{le="10"}')).toBe(2);
  expect(value('lectern_worker_batch_commands_bucket{le="2"}')).toBe(0);
  expect(value('lectern_worker_batch_commands_bucket{le="5"}')).toBe(1);
  expect(value('lectern_worker_step_seconds_count{step="decide"}')).toBe(1);
  expect(value('lectern_worker_step_seconds_count{step="settle"}')).toBe(1);
  expect(value('lectern_worker_commands_total{verdict="ack"}')).toBe(2);
  expect(value('lectern_worker_commands_total{verdict="dead"}')).toBe(1);
});

test("what was decided before and is settled again is no new decision", async () => {
  const { deps, value } = counted();
  const batch = deliveriesOf([await room.reserve(await openLecture(3), "u1")]);
  await handleBatch(room.deps, batch);
  await Bun.sleep(2); // a decision of the same millisecond would look new
  await handleBatch(deps, batch);
  expect(value('lectern_worker_commands_total{verdict="ack"}')).toBe(1);
  expect(value('lectern_worker_decisions_total{status="confirmed",reason="none"}')).toBe(0);
  expect(value("lectern_worker_decision_seconds_count")).toBe(0);
});

const traceOf = (digit: string) => ({
  traceId: digit.repeat(32),
  spanId: digit.repeat(16),
  sampled: true,
});

test("a batch's trace has its steps and links, and its commands' traces go on", async () => {
  const collector = openTraceCollector();
  const tracing = openTracing({
    service: "worker",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER_ARG: 0,
    spans: createSpanCounter(),
  });
  const lectureId = await openLecture(1);
  const commands: Command[] = [];
  for (const user of ["u1", "u2", "u3"]) commands.push(await room.reserve(lectureId, user));
  const deliveries = deliveriesOf(commands).map((delivery, at) =>
    at < 2 ? { ...delivery, trace: traceOf(String(at + 1)) } : delivery,
  );
  await handleBatch({ ...room.deps, tracing }, deliveries);
  await tracing?.close();
  const { spans } = collector;
  const batch = spans.find(({ name }) => name === "decide batch");
  expect(batch?.links).toMatchObject(
    [traceOf("1"), traceOf("2")].map(({ spanId }) => ({ spanId })),
  );
  expect(batch?.attributes).toEqual({ "lectern.commands": 3 });
  const steps = spans.filter(({ parentSpanId }) => parentSpanId === batch?.spanId);
  expect(steps.map(({ name }) => name).sort()).toEqual([
    "commit decisions",
    "settle claims and nodes",
  ]);
  const decided = spans.filter(({ name }) => name === "decide command");
  expect(decided).toMatchObject([
    {
      traceId: "1".repeat(32),
      parentSpanId: "1".repeat(16),
      attributes: {
        "lectern.rid": commands[0]?.rid,
        "lectern.lecture": lectureId,
        "lectern.outcome": "confirmed",
      },
    },
    {
      traceId: "2".repeat(32),
      attributes: { "lectern.rid": commands[1]?.rid, "lectern.outcome": "rejected" },
    },
  ]);
  expect(decided[0]?.links[0]?.traceId).toBe(batch?.traceId as string);
  expect(collector.bodies.join()).not.toMatch(/"u[123]"/);
  await collector.close();
});
