import { expect, test } from "bun:test";
import type { KeptAnswer } from "./kept-answer.ts";
import type { Heard, Question } from "./kept-question.ts";
import { createKeptReads } from "./kept-reads.ts";
import type { Exchange } from "./round-trips.ts";

const MODES = [
  ["may share a question", true],
  ["may not wait for each other", false],
] as const;

const asker = { requestId: "r", outlive: undefined };

const answerOf = (name: string): KeptAnswer => ({
  bytes: 1,
  validator: name,
  respond: () => new Response(name),
});

const NO_REDIS: Exchange = () => Promise.reject(new Error("no Redis"));

/** Kept reads in a world whose time moves only by `pass`, and one question with open replies. */
function world(mayShare: boolean, staleForMs = 0, exchange: Exchange = NO_REDIS) {
  let nowMs = 0;
  const sleepers: { atMs: number; wake: () => void }[] = [];
  const keptReads = createKeptReads({
    mayShare,
    exchange,
    now: () => nowMs,
    sleep: (ms) =>
      new Promise<void>((wake) => sleepers.push({ atMs: nowMs + Math.max(0, ms), wake })),
  });
  const asked: { last: KeptAnswer | undefined; reply: (heard: Heard) => void }[] = [];
  const question = (key = "/lectures"): Question => ({
    key,
    of: "lectures",
    route: "GET /api/lectures",
    ask: (_, last) => new Promise((reply) => asked.push({ last, reply })),
    staleForMs,
  });
  async function pass(ms: number): Promise<void> {
    const endMs = nowMs + ms;
    for (;;) {
      await settle();
      const next = sleepers.sort((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > endMs) break;
      sleepers.shift();
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
    }
    nowMs = endMs;
    await settle();
  }
  /** What a read gave: a name, a code, `failed`; with `stale` before it. */
  async function told(key?: string): Promise<string> {
    const reading = await keptReads.read(question(key), asker);
    if (reading.outcome === "refused") return reading.code;
    if (reading.outcome === "failed") return reading.code ?? "failed";
    const name = reading.kept.answer.validator ?? "";
    return reading.from === "stale" ? `stale ${name}` : name;
  }
  const reply = async (name: string) => {
    asked.at(-1)?.reply({ outcome: "kept", answer: answerOf(name) });
    await settle();
  };
  return { keptReads, asked, pass, told, reply, now: () => nowMs };
}

/** Lets all promises go on that wait for nothing else. */
async function settle(): Promise<void> {
  for (let at = 0; at < 50; at += 1) await Promise.resolve();
}

test.each(MODES)(
  "of a crowd for a cold key one asks, and all get its answer, where requests %s",
  async (_, mayShare) => {
    const { asked, told, reply, pass } = world(mayShare);
    const crowd = Promise.all(Array.from({ length: 200 }, () => told()));
    await pass(100);
    expect(asked).toHaveLength(1);
    await reply("one");
    await pass(1_500);
    expect(new Set(await crowd)).toEqual(new Set(["one"]));
    expect(asked).toHaveLength(1);
  },
);

test.each(MODES)(
  "a silent server gets one question a second for a key, and a reader gives up, where requests %s",
  async (_, mayShare) => {
    const { asked, told, pass } = world(mayShare);
    const crowd = Array.from({ length: 50 }, () => told());
    await pass(6_900);
    expect(asked.length).toBeWithin(6, 8);
    await pass(2_500);
    for (const { reply } of asked) reply({ outcome: "failed", error: new Error("late") });
    await pass(3_000);
    expect(new Set(await Promise.all(crowd))).toEqual(new Set(["failed"]));
  },
);

test.each(MODES)(
  "an answer that takes longer than a second reaches all who waited, where requests %s",
  async (_, mayShare) => {
    const { asked, told, pass } = world(mayShare);
    const crowd = Promise.all(Array.from({ length: 50 }, () => told()));
    await pass(1_600);
    asked[0]?.reply({ outcome: "kept", answer: answerOf("slow") });
    await pass(2_500);
    for (const { reply } of asked.slice(1)) reply({ outcome: "kept", answer: answerOf("slow") });
    await pass(2_500);
    expect(new Set(await crowd)).toEqual(new Set(["slow"]));
    expect(asked.length).toBeLessThanOrEqual(4);
  },
);

test("a kept answer serves half a second, then beside one question, at most a second", async () => {
  const { asked, told, reply, pass, keptReads, now } = world(true);
  const first = told();
  await reply("one");
  expect(await first).toBe("one");
  await pass(499);
  expect(await told()).toBe("one");
  expect(asked).toHaveLength(1);
  await pass(1);
  expect([await told(), await told()]).toEqual(["one", "one"]);
  expect(asked).toHaveLength(2);
  expect(asked[1]?.last?.validator).toBe("one");
  await pass(499);
  expect(keptReads.fresh("/lectures", now())).toBeDefined();
  await pass(1);
  expect(keptReads.fresh("/lectures", now())).toBeUndefined();
  const waiting = told();
  await reply("two");
  expect(await waiting).toBe("two");
  expect(await told()).toBe("two");
});

test("a storm of three seconds asks twice a second", async () => {
  const { asked, told, reply, pass } = world(false);
  const first = told();
  await reply("one");
  await first;
  for (let at = 0; at < 3_000; at += 10) {
    await told();
    await reply("one");
    await pass(10);
  }
  expect(asked.length).toBeWithin(6, 8);
});

test("a late answer to an old question replaces no newer one", async () => {
  const { asked, told, pass } = world(true);
  const early = told();
  await pass(1_000);
  const later = told();
  await pass(1);
  expect(asked).toHaveLength(2);
  asked[1]?.reply({ outcome: "kept", answer: answerOf("new") });
  expect(await later).toBe("new");
  asked[0]?.reply({ outcome: "kept", answer: answerOf("old") });
  await early;
  expect(await told()).toBe("new");
});

test("a refusal is kept for half a second, and ends the answer of before", async () => {
  const { asked, told, reply, pass, keptReads, now } = world(true);
  const first = told();
  await reply("one");
  await first;
  await pass(1_000);
  const missing = told();
  await settle();
  asked.at(-1)?.reply({ outcome: "refused", code: "lecture_not_found" });
  expect(await missing).toBe("lecture_not_found");
  expect(keptReads.fresh("/lectures", now())).toBeUndefined();
  await pass(499);
  expect(await told()).toBe("lecture_not_found");
  expect(asked).toHaveLength(2);
  await pass(1);
  const again = told();
  await settle();
  expect(asked).toHaveLength(3);
  await reply("two");
  expect(await again).toBe("two");
});

test("invented ids drive out no answer that is in use", async () => {
  const { asked, told, reply, keptReads, now } = world(true);
  const first = told();
  await reply("one");
  await first;
  for (let at = 0; at < 5_000; at += 1) {
    const missing = told(`/lectures/${at}`);
    await settle();
    asked.at(-1)?.reply({ outcome: "refused", code: "lecture_not_found" });
    await missing;
  }
  expect(keptReads.fresh("/lectures", now())).toBeDefined();
});

test("the last answer stands in for a failing server as long as the question allows", async () => {
  const { asked, told, reply, pass } = world(true, 300_000);
  const first = told();
  await reply("one");
  await first;
  await pass(2_000);
  const fails = told();
  await settle();
  asked.at(-1)?.reply({ outcome: "failed", error: new Error("away") });
  expect(await fails).toBe("stale one");
  const before = asked.length;
  expect(await told()).toBe("stale one");
  expect(asked).toHaveLength(before);
  await pass(298_000);
  const tooLate = told();
  await settle();
  asked.at(-1)?.reply({ outcome: "failed", code: "overloaded", error: new Error("away") });
  expect(await tooLate).toBe("overloaded");
});

test("a silent server is waited for by one second's readers, and not by the next", async () => {
  const { asked, told, reply, pass } = world(true, 300_000);
  const first = told();
  await reply("one");
  await first;
  await pass(2_000);
  const waited = Promise.all([told(), told()]);
  await pass(1_000);
  expect(await waited).toEqual(["stale one", "stale one"]);
  expect(asked.length).toBeLessThanOrEqual(3);
  for (let second = 0; second < 5; second += 1) {
    const before = asked.length;
    for (let at = 0; at < 3; at += 1) {
      const next = told();
      await pass(0);
      expect(await next).toBe("stale one");
      await pass(250);
    }
    await pass(250);
    expect(asked.length).toBe(before + 1);
  }
  expect(await told()).toBe("stale one");
  await reply("back");
  expect(await told()).toBe("back");
});

test("without permission nothing stale is told", async () => {
  const { asked, told, reply, pass } = world(true, 0);
  const first = told();
  await reply("one");
  await first;
  await pass(1_000);
  const fails = told();
  await settle();
  asked.at(-1)?.reply({ outcome: "failed", error: new Error("away") });
  expect(await fails).toBe("failed");
});
