import { expect, test } from "bun:test";
import { readTraceParent, writeTraceParent } from "./trace-parent.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

test("a written traceparent is read back unchanged", () => {
  for (const sampled of [true, false]) {
    const parent = { traceId, spanId, sampled };
    expect(readTraceParent(writeTraceParent(parent))).toEqual(parent);
  }
});

test("only the lowest flag says whether a trace is recorded", () => {
  expect(readTraceParent(`00-${traceId}-${spanId}-03`)?.sampled).toBe(true);
  expect(readTraceParent(`00-${traceId}-${spanId}-fe`)?.sampled).toBe(false);
});

test("a later version may say more, and is read as far as it is known", () => {
  expect(readTraceParent(`01-${traceId}-${spanId}-01-more`)).toEqual({
    traceId,
    spanId,
    sampled: true,
  });
});

test.each<unknown>([
  undefined,
  7,
  "",
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-01-more`,
  `ff-${traceId}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  ` 00-${traceId}-${spanId}-01`,
])("%p is no traceparent", (text) => {
  expect(readTraceParent(text)).toBeUndefined();
});

test("a very long traceparent is not read", () => {
  expect(readTraceParent(`01-${traceId}-${spanId}-01-${"x".repeat(1_000)}`)).toBeUndefined();
});
