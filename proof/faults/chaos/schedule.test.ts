import { expect, test } from "bun:test";
import { drawSchedule, faultKinds, scheduleLines, seedOf } from "./schedule.ts";

const seeds = Array.from({ length: 500 }, (_, at) => seedOf(1, at));
const all = seeds.map((seed) => drawSchedule(seed, { mayKill: true }));

test("the same seed gives the same schedule, and another one another", () => {
  const lines = (seed: number) => scheduleLines(drawSchedule(seed, { mayKill: true }));
  expect(lines(7)).toEqual(lines(7));
  expect(new Set(seeds.map((seed) => lines(seed).join())).size).toBeGreaterThan(450);
});

test("the schedule of a run replays by its own seed", () => {
  const [, second] = [seedOf(42, 0), seedOf(42, 1)];
  expect(seedOf(second, 0)).toBe(second);
  expect(seedOf(42, 0)).toBe(42);
});

test("a schedule has one to five faults, no two of them on the same thing", () => {
  for (const { faults } of all) {
    expect(faults.length).toBeWithin(1, 6);
    expect(new Set(faults.map(({ fault }) => fault.resource)).size).toBe(faults.length);
  }
});

test("every kind of fault is drawn", () => {
  const drawn = new Set(all.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...drawn].sort()).toEqual(faultKinds.map(({ name }) => name).sort());
});

test("a soak ends no process", () => {
  const killing = new Set(faultKinds.filter(({ kills }) => kills).map(({ name }) => name));
  const drawn = seeds.flatMap((seed) => drawSchedule(seed, { mayKill: false }).faults);
  expect(drawn.filter(({ kind }) => killing.has(kind))).toEqual([]);
});
