import { expect, test } from "bun:test";
import { deadlineIn } from "./deadline.ts";
import { createGate } from "./gate.ts";

/** Work that goes on until the test ends it. */
function workAt(gate: ReturnType<typeof createGate>, budgetMs = 60_000) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { begun: false };
  const done = gate.run(() => {
    state.begun = true;
    return promise;
  }, deadlineIn(budgetMs));
  done.catch(() => {});
  return { state, done, end: () => resolve() };
}

test("places are taken in the order of coming, and a failed one is given on as well", async () => {
  const gate = createGate({ places: 1, burst: 10 });
  const failing = gate.run(async () => Promise.reject(new Error("failed")), deadlineIn(1_000));
  const [second, third] = [workAt(gate), workAt(gate)];
  await expect(failing).rejects.toThrow("failed");
  await Bun.sleep(0);
  expect([second.state.begun, third.state.begun]).toEqual([true, false]);
  second.end();
  await second.done;
  third.end();
  await third.done;
  expect(gate.counts()).toEqual({ expected: 0, atWork: 0, waiting: 0 });
});

test("a full gate refuses at once, a waiting request at its deadline; neither begins", async () => {
  const gate = createGate({ places: 1, burst: 1 });
  const first = workAt(gate);
  const late = workAt(gate, 20);
  const many = workAt(gate);
  await expect(many.done).rejects.toMatchObject({ code: "overloaded" });
  await expect(late.done).rejects.toMatchObject({ code: "overloaded" });
  first.end();
  await first.done;
  expect([late.state.begun, many.state.begun, gate.counts()]).toEqual([
    false,
    false,
    { expected: 0, atWork: 0, waiting: 0 },
  ]);
});

test("a burst may queue up; a standing queue is kept short until refusals have ended", async () => {
  const clock = { nowMs: 0 };
  const gate = createGate({ places: 2, burst: 6, now: () => clock.nowMs });
  const work = Array.from({ length: 7 }, () => workAt(gate));
  expect([gate.turnsAway(), gate.counts()]).toEqual([
    false,
    { expected: 0, atWork: 2, waiting: 5 },
  ]);
  clock.nowMs = 2_001;
  expect(gate.turnsAway()).toBe(true);
  for (const one of work.slice(0, 5)) one.end();
  await Promise.all(work.slice(0, 5).map(({ done }) => done));
  expect([gate.turnsAway(), gate.counts()]).toEqual([
    false,
    { expected: 0, atWork: 2, waiting: 0 },
  ]);

  const next = [workAt(gate), workAt(gate)];
  clock.nowMs += 1_999;
  expect(gate.turnsAway()).toBe(true);
  for (const one of [...work, ...next]) one.end();
  await Promise.all(next.map(({ done }) => done));
  clock.nowMs += 2_000;
  const burst = Array.from({ length: 8 }, () => workAt(gate));
  expect(gate.counts()).toEqual({ expected: 0, atWork: 2, waiting: 6 });
  for (const one of burst) one.end();
  await Promise.all(burst.map(({ done }) => done));
});

test("requests on their way count: a crowd of one moment is not let in as a whole", () => {
  const gate = createGate({ places: 1, burst: 1 });
  const arrived = [gate.expect(), gate.expect()];
  expect(gate.turnsAway()).toBe(true);
  arrived[0]?.();
  arrived[0]?.();
  expect([gate.turnsAway(), gate.counts().expected]).toEqual([false, 1]);
});
