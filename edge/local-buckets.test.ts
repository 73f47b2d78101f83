import { expect, test } from "bun:test";
import { createLocalBuckets } from "./local-buckets.ts";

function buckets(tokens: number, refillPerS: number) {
  const clock = { nowMs: 5_000 };
  const { waitMs, take, giveBack, learn } = createLocalBuckets(
    { tokens, refillPerS },
    () => clock.nowMs,
  );
  return {
    clock,
    waitMs,
    giveBack,
    learn,
    /** Takes a token if there is one; returns the wait for it, in milliseconds. */
    take(name: string): number {
      const wait = waitMs(name);
      if (wait === 0) take(name);
      return wait;
    },
  };
}

test("a bucket gives as many tokens as it holds, then tells the wait for the next one", () => {
  const { take } = buckets(3, 4);
  expect([take("a"), take("a"), take("a"), take("a"), take("b")]).toEqual([0, 0, 0, 250, 0]);
});

test("it refills steadily and never holds more than it may", () => {
  const { clock, take } = buckets(2, 2);
  for (const _ of [1, 2]) take("a");
  clock.nowMs += 499;
  expect(take("a")).toBeWithin(1, 3);
  clock.nowMs += 1;
  expect(take("a")).toBe(0);
  clock.nowMs += 3_600_000;
  expect([take("a"), take("a"), take("a")]).toEqual([0, 0, 500]);
});

test("Redis' count replaces the count here, unless more has gone from here since", () => {
  const { take, learn } = buckets(5, 1);
  take("a");
  learn("a", 1);
  expect([take("a"), take("a")]).toEqual([0, 1_000]);
  learn("a", 4);
  expect(take("a")).toBe(1_000);
  take("b");
  take("b");
  learn("b", 4);
  expect([take("b"), take("b"), take("b"), take("b")]).toEqual([0, 0, 0, 1_000]);
});

test("a look into a bucket takes nothing; a token taken for nothing can be given back", () => {
  const { waitMs, take, giveBack } = buckets(1, 1);
  expect([waitMs("a"), waitMs("a"), take("a"), waitMs("a")]).toEqual([0, 0, 0, 1_000]);
  giveBack("a");
  giveBack("a");
  expect([take("a"), take("a")]).toEqual([0, 1_000]);
});

test("of very many names one not used recently is forgotten; only Redis counts it", () => {
  const { take } = buckets(1, 1);
  take("first");
  for (let name = 0; name < 20_000; name++) take(`n${name}`);
  expect([take("first"), take("n19999")]).toEqual([0, 1_000]);
});
