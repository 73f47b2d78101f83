import { expect, test } from "bun:test";
import { drawAmends } from "./amends.ts";

const times = { opensAtMs: 1_000_000, closesAtMs: 1_600_000, seats: 200 };

test("the same seed draws the same changes, as many as were asked for, in their order", () => {
  const drawn = drawAmends(20, times, 7);
  expect(drawAmends(20, times, 7)).toEqual(drawn);
  expect(drawAmends(20, times, 8)).not.toEqual(drawn);
  expect(drawn).toHaveLength(20);
  const at = drawn.map(({ afterMs }) => afterMs);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
});

test("each window that is closed early opens again", () => {
  for (let seed = 1; seed < 50; seed += 1) {
    const windows = drawAmends(20, times, seed).flatMap(({ change }) => change.closesAtMs ?? []);
    expect(windows.filter((atMs) => atMs === times.closesAtMs)).toHaveLength(windows.length / 2);
    expect(windows.at(-1) ?? times.closesAtMs).toBe(times.closesAtMs);
  }
});
