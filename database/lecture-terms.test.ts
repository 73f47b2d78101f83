import { expect, test } from "bun:test";
import { senselessTerm } from "./lecture-terms.ts";

const [opensAt, closesAt] = [new Date(1_000), new Date(2_000)];
const noDate = new Date("0000-00-00");

test.each([
  [{}, undefined],
  [{ capacity: 0 }, undefined],
  [{ opensAt: noDate }, "opens_at is no date"],
  [{ closesAt: noDate }, "closes_at is no date"],
  [{ closesAt: opensAt }, "it closes before it opens"],
  [{ closesAt: new Date(0) }, "it closes before it opens"],
  [{ capacity: -1 }, "capacity is no number of seats"],
  [{ capacity: 1.5 }, "capacity is no number of seats"],
  [{ capacity: Number.NaN }, "capacity is no number of seats"],
])("terms with %p: %p", (change, why) => {
  expect(senselessTerm({ opensAt, closesAt, capacity: 5, ...change })).toBe(why as string);
});
