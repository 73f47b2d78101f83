import { afterEach, expect, test } from "bun:test";
import { readTraceParent } from "../../contract/trace-parent.ts";
import { openTraceCollector } from "../../test/trace-collector.ts";
import { exposition } from "../metrics/exposition.ts";
import type { Counter } from "../metrics/family.ts";
import { createSpanCounter } from "../metrics/spans.ts";
import { openTracing } from "./tracing.ts";

const sampled = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  sampled: true,
};
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function collected(ratio: number, answer?: () => Response) {
  const collector = openTraceCollector(answer);
  open.push(collector);
  const spans = createSpanCounter();
  const tracing = openTracing({
    service: "worker",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER_ARG: ratio,
    spans,
  });
  if (!tracing) throw new Error("an endpoint was given");
  return { collector, tracing, spans };
}

const numbersOf = (spans: Counter) => exposition([spans]).match(/^[^#].*$/gm);

test("a recorded trace goes on, part by part, to the collector", async () => {
  const { collector, tracing, spans } = collected(0);
  const span = tracing.goOn(sampled, "outer", { role: "server", facts: { "lectern.rid": "r" } });
  const inner = span?.begin("inner", { role: "producer" });
  expect(readTraceParent(inner?.header)).toEqual(inner?.parent as never);
  inner?.end();
  span?.end({ "lectern.outcome": "queued", "http.response.status_code": 200 });
  await tracing.close();
  const [first, second] = collector.spans;
  expect(first).toMatchObject({
    name: "inner",
    traceId: sampled.traceId,
    spanId: inner?.parent.spanId,
    kind: 4,
  });
  expect(second).toMatchObject({
    service: "lectern-worker",
    name: "outer",
    traceId: sampled.traceId,
    parentSpanId: sampled.spanId,
    kind: 2,
    attributes: {
      "lectern.rid": "r",
      "lectern.outcome": "queued",
      "http.response.status_code": 200,
    },
  });
  expect(first?.parentSpanId).toBe(second?.spanId as string);
  expect(numbersOf(spans)).toEqual([
    'lectern_spans_total{outcome="sent"} 2',
    'lectern_spans_total{outcome="lost"} 0',
  ]);
});

test("a trace that is not recorded stays so, whatever the ratio", async () => {
  const { tracing } = collected(1);
  expect(tracing.goOn({ ...sampled, sampled: false }, "x")).toBeUndefined();
  await tracing.close();
});

test("where there is no trace yet, one is begun by the ratio", async () => {
  const [always, never] = [collected(1), collected(0)];
  expect(always.tracing.goOn(undefined, "x")?.parent.sampled).toBe(true);
  expect(never.tracing.goOn(undefined, "x")).toBeUndefined();
  await always.tracing.close();
  await never.tracing.close();
});

test("a trace about several others names each of them", async () => {
  const { collector, tracing } = collected(0);
  const other = { ...sampled, spanId: "1".repeat(16) };
  tracing.begin("batch", { links: [sampled, other] }).end();
  await tracing.close();
  const [{ traceId, links } = { traceId: "", links: [] }] = collector.spans;
  expect(traceId).not.toBe(sampled.traceId);
  expect(links).toMatchObject([{ spanId: sampled.spanId }, { spanId: other.spanId }]);
});

test("without a collector nothing is traced", () => {
  expect(
    openTracing({
      service: "origin",
      OTEL_EXPORTER_OTLP_ENDPOINT: "",
      OTEL_TRACES_SAMPLER_ARG: 1,
      spans: createSpanCounter(),
    }),
  ).toBeUndefined();
});

test("of an error only its name is recorded", async () => {
  const { collector, tracing } = collected(1);
  tracing.goOn(undefined, "x")?.end({}, new TypeError("a secret"));
  await tracing.close();
  expect(collector.spans[0]?.status).toMatchObject({ code: 2, message: "TypeError" });
  expect(collector.bodies.join()).not.toContain("a secret");
});

test("spans that the collector refuses are lost and counted, and closing still ends", async () => {
  const { tracing, spans } = collected(1, () => new Response(null, { status: 400 }));
  tracing.goOn(undefined, "x")?.end();
  await tracing.close();
  expect(numbersOf(spans)).toContain('lectern_spans_total{outcome="lost"} 1');
});
