import { expect, test } from "bun:test";
import { BreakerOpen, createBreaker } from "./breaker.ts";

/** A breaker on the test's own clock. */
function breakerAt(startMs = 0) {
  const clock = { nowMs: startMs };
  const changes: boolean[] = [];
  const breaker = createBreaker({
    of: "a server",
    failuresMin: 3,
    silenceMs: 1_000,
    probeEveryMs: 1_000,
    now: () => clock.nowMs,
    onChange: (isOpen) => changes.push(isOpen),
  });
  const fail = (times: number) => {
    for (let at = 0; at < times; at += 1) breaker.failed();
  };
  return { breaker, clock, changes, fail };
}

const down = () => Promise.reject(new Error("no answer"));
const isOutage = () => true;

test("it opens after so many failures in a row, and then nothing is called", async () => {
  const { breaker, changes } = breakerAt();
  for (let at = 0; at < 3; at += 1)
    await expect(breaker.run(down, isOutage)).rejects.toThrow("no answer");
  let called = 0;
  const call = async () => {
    called += 1;
  };
  await expect(breaker.run(call, isOutage)).rejects.toBeInstanceOf(BreakerOpen);
  expect([called, changes]).toEqual([0, [true]]);
});

test("an answer in between, or a refusal, starts the count again", async () => {
  const { breaker, clock, fail } = breakerAt();
  const longAgo = () => {
    clock.nowMs += 10_000;
  };
  fail(2);
  breaker.succeeded();
  longAgo();
  fail(2);
  await expect(breaker.run(down, () => false)).rejects.toThrow("no answer");
  longAgo();
  fail(2);
  expect(breaker.isOpen()).toBe(false);
  fail(1);
  expect(breaker.isOpen()).toBe(true);
});

test("a rush in which most calls fail and some succeed leaves it closed, silence opens it", () => {
  const { breaker, clock, fail } = breakerAt(5_000);
  for (let at = 0; at < 20; at += 1) {
    clock.nowMs += 900;
    breaker.succeeded();
    fail(100);
  }
  expect(breaker.isOpen()).toBe(false);
  clock.nowMs += 1_000;
  fail(1);
  expect(breaker.isOpen()).toBe(true);
});

test("while open one call an interval may try, whatever became of the one before", () => {
  const { breaker, clock, changes, fail } = breakerAt();
  fail(3);
  expect(breaker.admits()).toBe(false);
  for (let at = 0; at < 3; at += 1) {
    clock.nowMs += 1_000;
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
  }
  breaker.succeeded();
  expect([breaker.admits(), breaker.admits()]).toEqual([true, true]);
  expect(changes).toEqual([true, false]);
});

test("a probe that never ends holds up nobody", async () => {
  const { breaker, clock, fail } = breakerAt();
  fail(3);
  clock.nowMs += 1_000;
  void breaker.run(() => new Promise(() => {}), isOutage);
  await expect(breaker.run(async () => "answer", isOutage)).rejects.toBeInstanceOf(BreakerOpen);
  clock.nowMs += 1_000;
  expect(await breaker.run(async () => "answer", isOutage)).toBe("answer");
  expect(breaker.isOpen()).toBe(false);
});

test("a probe that showed nothing is left to the next caller, and opens nothing by itself", () => {
  const { breaker, clock, fail } = breakerAt();
  breaker.spared();
  expect(breaker.isOpen()).toBe(false);
  clock.nowMs += 10_000;
  fail(3);
  clock.nowMs += 1_000;
  expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
  breaker.spared();
  expect([breaker.admits(), breaker.admits(), breaker.isOpen()]).toEqual([true, false, true]);
});
