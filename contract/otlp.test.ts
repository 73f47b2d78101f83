import { expect, test } from "bun:test";
import { type OtlpSpan, otlpExport, otlpTracesUrl } from "./otlp.ts";

const ids = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
const work = {
  ...ids,
  name: "work",
  role: "client",
  startedAtMs: 1_790_000_000_000,
  facts: {},
} as const;
const exported = (spans: OtlpSpan[]) => JSON.parse(otlpExport("worker", spans)).resourceSpans[0];
const written = (span: OtlpSpan) => exported([span]).scopeSpans[0].spans[0];

test("times are nanoseconds, also where a number could not hold them", () => {
  expect(written({ ...work, tookMs: 0.25 })).toMatchObject({
    startTimeUnixNano: "1790000000000000000",
    endTimeUnixNano: "1790000000000250000",
  });
  expect(written({ ...work, tookMs: 999.5 }).endTimeUnixNano).toBe("1790000000999500000");
});

test("facts are written by their type, and undefined facts are left out", () => {
  const facts = {
    "lectern.rid": 'a"b',
    "http.response.status_code": 202,
    "lectern.code": undefined,
  };
  expect(written({ ...work, tookMs: 1, facts }).attributes).toEqual([
    { key: "lectern.rid", value: { stringValue: 'a"b' } },
    { key: "http.response.status_code", value: { intValue: 202 } },
  ]);
});

test("a span names its parent and its links; where it has none, it names none", () => {
  expect(written({ ...work, tookMs: 1 })).not.toContainKey("parentSpanId");
  const links = [{ ...ids, sampled: true }];
  expect(written({ ...work, tookMs: 1, parentSpanId: "1".repeat(16), links })).toMatchObject({
    ...ids,
    kind: 3,
    parentSpanId: "1".repeat(16),
    links: [ids],
    status: {},
  });
});

test("an error is written with and without its name", () => {
  expect(written({ ...work, tookMs: 1, error: {} }).status).toEqual({ code: 2 });
  expect(written({ ...work, tookMs: 1, error: { message: "TypeError" } }).status).toEqual({
    code: 2,
    message: "TypeError",
  });
});

test("spans of one service travel together", () => {
  const spans = [1, 2].map((tookMs) => ({ ...work, tookMs }));
  const { resource, scopeSpans } = exported(spans);
  expect(resource.attributes).toEqual([
    { key: "service.name", value: { stringValue: "lectern-worker" } },
  ]);
  expect(scopeSpans[0].spans).toEqual(spans.map(written));
});

test("a collector's address may end with a slash or without", () => {
  for (const endpoint of ["http://127.0.0.1:4318", "http://127.0.0.1:4318/"])
    expect(otlpTracesUrl(endpoint)).toBe("http://127.0.0.1:4318/v1/traces");
});
