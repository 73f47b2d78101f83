import { expect, test } from "bun:test";
import { quantilesOf } from "./latencies.ts";

test("quantiles are times that occurred, by the nearest rank", () => {
  const times = Array.from({ length: 200 }, (_, at) => 200 - at);
  expect(quantilesOf(times)).toEqual({ count: 200, p50: 100, p95: 190, p99: 198, max: 200 });
  expect(quantilesOf([7.4])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 });
});

test("without times there are no quantiles", () => {
  expect(quantilesOf([])).toEqual({ count: 0, p50: null, p95: null, p99: null, max: null });
});
