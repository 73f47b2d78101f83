import { afterEach, expect, test } from "bun:test";
import { openTraceCollector } from "../../test/trace-collector.ts";
import { exposition } from "../metrics/exposition.ts";
import { createSpanCounter } from "../metrics/spans.ts";
import { openSpanBatches } from "./span-batches.ts";

const span = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  name: "work",
  role: "internal",
  startedAtMs: 1_790_000_000_000,
  tookMs: 1,
  facts: {},
} as const;
const NEVER_MS = 3_600_000;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function collected(everyMs: number, answer?: (request: Request) => Response) {
  const collector = openTraceCollector(answer);
  open.push(collector);
  const spans = createSpanCounter();
  const url = `${collector.endpoint}/v1/traces`;
  const headers = { authorization: "Bearer x" };
  const batches = openSpanBatches({ url, headers, service: "origin", everyMs, spans });
  const counts = () =>
    exposition([spans])
      .match(/^[^#].*$/gm)
      ?.map((line) => Number(line.split(" ")[1]));
  return { collector, batches, counts };
}

test("a full batch of spans is sent at once, in the form that the collector reads", async () => {
  const asked = Promise.withResolvers<Request>();
  const { collector, batches, counts } = collected(NEVER_MS, (request) => {
    asked.resolve(request);
    return Response.json({});
  });
  for (let at = 0; at < 512; at += 1) batches.add(span);
  const { headers } = await asked.promise;
  expect([headers.get("authorization"), headers.get("content-type")]).toEqual([
    "Bearer x",
    "application/json",
  ]);
  await batches.close();
  expect(collector.spans).toHaveLength(512);
  expect(counts()).toEqual([512, 0]);
});

test.each([429, 503])(
  "a collector that answers %p is asked again, and nothing is lost",
  async (status) => {
    const again = Promise.withResolvers<void>();
    const { collector, batches, counts } = collected(5, () => {
      if (collector.bodies.length === 1) return new Response(null, { status });
      again.resolve();
      return Response.json({});
    });
    batches.add(span);
    await again.promise;
    await batches.close();
    expect(collector.bodies[1]).toBe(collector.bodies[0] as string);
    expect(counts()).toEqual([1, 0]);
  },
);

test("without the collector spans are held up to a bound; the others count as lost", async () => {
  const { collector, batches, counts } = collected(
    NEVER_MS,
    () => new Response(null, { status: 503 }),
  );
  for (let at = 0; at < 3_000; at += 1) batches.add(span);
  expect(counts()).toEqual([0, 3_000 - 512 - 2_048]);
  await batches.close();
  expect(counts()).toEqual([0, 3_000]);
  expect(collector.spans).toHaveLength(512 + 2_048);
});

test("an absent collector is left alone for its time, however many spans come", async () => {
  const { collector, batches } = collected(NEVER_MS, () => new Response(null, { status: 503 }));
  const passBy = () => fetch(`${collector.endpoint}/elsewhere`);
  for (let round = 0; round < 3; round += 1) {
    for (let at = 0; at < 512; at += 1) batches.add(span);
    // The collector has answered all its earlier requests by then.
    await passBy();
    await passBy();
  }
  expect(collector.bodies).toHaveLength(1);
  await batches.close();
});

test("what comes after the end is lost and counted", async () => {
  const { batches, counts } = collected(NEVER_MS);
  await batches.close();
  batches.add(span);
  expect(counts()).toEqual([0, 1]);
});
