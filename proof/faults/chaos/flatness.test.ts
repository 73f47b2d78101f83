import { expect, test } from "bun:test";
import { judgeFlatness } from "./flatness.ts";

const soak = (of: (at: number) => number, name: string) =>
  judgeFlatness(Array.from({ length: 30 }, (_, at) => ({ [name]: of(at) })))[0]?.isFlat;

test("what grows with every sample is found, by a little as well", () => {
  expect(soak((at) => 20 + at, "origin sockets")).toBe(false);
  expect(soak((at) => 80 + 3 * at, "worker-1 memory")).toBe(false);
});

test("what grows in the warm-up and what goes up and down is flat", () => {
  expect(soak((at) => Math.min(at, 6) * 40, "origin sockets")).toBe(true);
  expect(soak((at) => 20 + (at % 7), "zookeeper watches")).toBe(true);
  expect(soak((at) => 120 + (at % 2) * 60, "edge memory")).toBe(true);
});

test("a server's memory is told, and not judged", () => {
  expect(soak((at) => 100 * at, "mysql memory")).toBe(true);
});
