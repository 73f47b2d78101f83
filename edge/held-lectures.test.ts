import { expect, test } from "bun:test";
import type { RedisCommand } from "../admission/redis-command.ts";
import { redisNames } from "../contract/names.ts";
import type { KeptAnswer } from "./kept-answer.ts";
import type { Heard, Question } from "./kept-question.ts";
import { createKeptReads } from "./kept-reads.ts";

const answerOf = (name: string): KeptAnswer => ({
  bytes: 1,
  validator: name,
  respond: () => new Response(name),
});

/**
 * Kept reads in a world whose time moves only by `pass`, with a Redis and an origin that answer at
 * once: Redis with `generation`, the origin with `shown`.
 */
function world(holds: { forMs?: number; behindMs?: number } = {}) {
  let nowMs = 1_000;
  const state = {
    generation: "g1" as string | null,
    shown: "one",
    /** what Redis does with a trip */
    redis: "answers" as "answers" | "refuses" | "is silent",
    /** what the answer for `/slow` waits for */
    slow: undefined as Promise<void> | undefined,
    /** happens at the origin, before it answers */
    meanwhile: () => {},
  };
  const asked: string[] = [];
  const trips: RedisCommand[][] = [];
  const keptReads = createKeptReads({
    mayShare: true,
    now: () => nowMs,
    sleep: () => new Promise(() => {}),
    async exchange(commands) {
      trips.push(commands);
      if (state.redis === "refuses") throw new Error("away");
      if (state.redis === "is silent") return new Promise(() => {});
      return commands.map((command) => {
        const [name, , value] = JSON.parse(command) as [string, string, string];
        if (name === "SET") state.generation ??= value;
        return { result: name === "GET" ? state.generation : "figures" };
      });
    },
  });
  const lectures = (key: string): Question => ({
    key,
    of: "lectures",
    route: "GET /api/lectures",
    async ask(): Promise<Heard> {
      asked.push(key);
      const { shown } = state;
      state.meanwhile();
      if (key === "/slow") await state.slow;
      const { forMs = 60_000, behindMs = 0 } = holds;
      return { outcome: "kept", answer: answerOf(shown), holds: { forMs, behindMs } };
    },
    staleForMs: 300_000,
  });
  const availability = (key: string): Question => ({
    key,
    of: "availability",
    route: "GET /api/lectures/:id/availability",
    async ask(_, __, exchange): Promise<Heard> {
      await exchange([`["EVALSHA","${key}"]`]);
      return { outcome: "kept", answer: answerOf(key) };
    },
    staleForMs: 0,
  });
  /** Reads as the edge does: in front of the routes, else through them. Gives what was shown. */
  async function read(question = lectures("/lectures")): Promise<string> {
    const asker = { requestId: "r", outlive: undefined };
    const kept = keptReads.fresh(question.key, nowMs);
    if (kept) keptReads.renew(kept, nowMs, () => asker);
    const reading = kept
      ? { outcome: "kept" as const, kept }
      : await keptReads.read(question, asker);
    for (let at = 0; at < 50; at += 1) await Promise.resolve();
    return reading.outcome === "kept" ? (reading.kept.answer.validator ?? "") : reading.outcome;
  }
  /** Reads every 10 ms for some time; gives all that was shown. */
  async function storm(ms: number, ...questions: Question[]): Promise<Set<string>> {
    const shown = new Set<string>();
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 10)
      for (const question of questions.length > 0 ? questions : [lectures("/lectures")])
        shown.add(await read(question));
    return shown;
  }
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { state, asked, trips, lectures, availability, read, storm, pass };
}

/** A world in which one list is held. */
async function holding(holds?: { forMs?: number; behindMs?: number }) {
  const one = world(holds);
  await one.storm(1_000);
  one.asked.length = 0;
  one.trips.length = 0;
  return one;
}

test("a storm of reads asks the origin nothing and makes two trips to Redis a second", async () => {
  const { asked, trips, lectures, availability, storm } = world();
  const questions = [
    ...["/lectures", "/lectures/7", "/lectures/8"].map(lectures),
    ...["/lectures/7/availability", "/lectures/8/availability"].map(availability),
  ];
  for (const question of questions) await storm(130, question);
  await storm(1_500, ...questions);
  asked.length = 0;
  trips.length = 0;
  await storm(10_000, ...questions);
  expect(asked).toEqual([]);
  expect(trips.length).toBeWithin(19, 22);
  for (const commands of trips) expect(commands).toHaveLength(3);
});

test("a change shows within a second of its generation, and costs one question", async () => {
  const { state, asked, storm } = await holding();
  await storm(5_000);
  Object.assign(state, { shown: "two", generation: "g2" });
  await storm(1_000);
  expect(await storm(5_000)).toEqual(new Set(["two"]));
  expect(asked).toHaveLength(1);
});

test("an answer is held under the generation known before its question", async () => {
  const { state, asked, lectures, storm } = world();
  const [slow, other] = [lectures("/slow"), lectures("/other")];
  await storm(2_000, slow, other);
  asked.length = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  Object.assign(state, { generation: "g2", slow: promise });
  while (!asked.includes("/slow")) await storm(10, slow, other);
  // The origin has read "one" for the slow answer, and "two" is written before it comes.
  Object.assign(state, { generation: "g3", shown: "two" });
  await storm(1_000, other);
  state.slow = undefined;
  resolve();
  await storm(1_000, other, slow);
  expect(await storm(5_000, slow)).toEqual(new Set(["two"]));
});

test("availability alone: questions that began apart travel together, without a look", async () => {
  const { trips, availability, storm } = world();
  const [one, other] = ["/lectures/7/availability", "/lectures/8/availability"].map(availability);
  if (!one || !other) throw new Error("unreachable");
  await storm(300, one);
  await storm(1_500, one, other);
  trips.length = 0;
  await storm(10_000, one, other);
  expect(trips.length).toBeWithin(19, 22);
  for (const commands of trips) expect(commands.join()).toMatch(/^\["EVALSHA",[^G]*$/);
});

test("without a known generation nothing is held", async () => {
  const { state, asked, storm } = world();
  state.meanwhile = () => {
    Object.assign(state, { shown: "two", generation: "g2", meanwhile: () => {} });
  };
  await storm(1_500);
  expect(await storm(5_000)).toEqual(new Set(["two"]));
  expect(asked).toHaveLength(2);
});

test("a generation that was never begun costs a minute at most", async () => {
  const { state, asked, storm } = await holding();
  state.shown = "two";
  await storm(50_000);
  expect(asked).toHaveLength(0);
  await storm(11_000);
  expect(await storm(1_000)).toEqual(new Set(["two"]));
  expect(asked).toHaveLength(1);
});

test("a list is asked for again within a second of the clock's change", async () => {
  const { state, asked, storm } = await holding({ forMs: 5_000 });
  state.shown = "two";
  await storm(3_900);
  expect(asked).toHaveLength(0);
  await storm(1_600);
  expect(await storm(1_000)).toEqual(new Set(["two"]));
});

test("an answer of a replica is held once the replica must have followed", async () => {
  const { state, asked, storm } = await holding({ behindMs: 3_000 });
  await storm(5_000);
  asked.length = 0;
  await storm(5_000);
  expect(asked).toHaveLength(0);
  state.generation = "g2";
  await storm(2_000);
  // The replica has followed only now.
  state.shown = "two";
  await storm(2_000);
  expect(await storm(5_000)).toEqual(new Set(["two"]));
});

test.each(["refuses", "is silent"] as const)(
  "a Redis that %s: lectures are asked for twice a second, and held again once it answers",
  async (redis) => {
    const { state, asked, storm } = await holding();
    state.redis = redis;
    expect(await storm(10_000)).toEqual(new Set(["one"]));
    expect(asked.length).toBeWithin(12, 22);
    state.shown = "two";
    await storm(1_000);
    expect(await storm(1_000)).toEqual(new Set(["two"]));
    state.redis = "answers";
    await storm(2_500);
    asked.length = 0;
    await storm(10_000);
    expect(asked).toHaveLength(0);
  },
);

test("a Redis that lost the generation gets another, under which nothing old is held", async () => {
  const { state, trips, asked, storm } = await holding();
  Object.assign(state, { shown: "two", generation: null });
  await storm(2_000);
  expect(state.generation).toMatch(/^[0-9a-f-]{36}$/);
  expect(trips.flat().join()).toContain(`"SET","${redisNames.generation}"`);
  expect(await storm(1_000)).toEqual(new Set(["two"]));
  asked.length = 0;
  await storm(5_000);
  expect(asked).toHaveLength(0);
});

test("an unread answer is not asked for, and an old one is not told unseen", async () => {
  const { state, asked, trips, read, pass } = await holding();
  pass(30_000);
  Object.assign(state, { shown: "two", generation: "g2" });
  expect(await read()).toBe("two");
  expect([asked.length, trips.length]).toEqual([1, 1]);
});
