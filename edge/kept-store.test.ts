import { expect, test } from "bun:test";
import { createKeptStore } from "./kept-store.ts";

const store = () =>
  createKeptStore<number>({ valuesMax: 20, weightMax: 800, weightOf: (weight) => weight });

/** How many of a thousand names are kept. */
const keptOf = (kept: { get(name: string): unknown }) =>
  Array.from({ length: 1_000 }, (_, at) => kept.get(`${at}`)).filter((value) => value !== undefined)
    .length;

test("a flood of names stays within the number of values, and what is used stays", () => {
  const kept = store();
  kept.set("used", 7);
  for (let at = 0; at < 1_000; at += 1) {
    kept.set(`${at}`, 1);
    expect(kept.get("used")).toBe(7);
  }
  expect(keptOf(kept)).toBeWithin(9, 20);
});

test("a flood of large values stays within the weight, and the last one is there", () => {
  const kept = store();
  for (let at = 0; at < 1_000; at += 1) kept.set(`${at}`, 100);
  expect(kept.get("999")).toBe(100);
  expect(keptOf(kept)).toBeLessThanOrEqual(8);
});

test("a value that is replaced again and again weighs once", () => {
  const kept = store();
  kept.set("other", 1);
  for (let at = 0; at < 1_000; at += 1) kept.set("one", 100);
  expect([kept.get("other"), kept.get("one")]).toEqual([1, 100]);
});

test("a value that is too heavy is not kept, and the one before it goes", () => {
  const kept = store();
  kept.set("one", 100);
  kept.set("one", 101);
  expect(kept.get("one")).toBeUndefined();
});

test("a deleted value is gone, also from the older generation", () => {
  const kept = store();
  kept.set("one", 1);
  for (let at = 0; at < 12; at += 1) kept.set(`${at}`, 1);
  kept.delete("one");
  expect(kept.get("one")).toBeUndefined();
});
