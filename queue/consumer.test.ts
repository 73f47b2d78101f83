import { afterEach, beforeEach, expect, test } from "bun:test";
import { queueNames } from "../contract/names.ts";
import { systemClock } from "../runtime/clock/clock.ts";
import { drain, freshTopology } from "../test/rooms/broker.ts";
import {
  acks,
  publishAll,
  put,
  readyMessages,
  reservesOf,
  ridOf,
  testConsumers,
} from "../test/rooms/consumer.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import type { Verdict } from "./batches.ts";
import type { Delivery } from "./delivery.ts";

const consumers = testConsumers();

beforeEach(freshTopology);
afterEach(consumers.closeAll);

test("5,000 commands arrive once, in order for a lecture, and no batches overlap", async () => {
  const lectures = Array.from({ length: 20 }, randomLectureId);
  const commands = lectures.flatMap((lectureId) => reservesOf(lectureId, 250));
  const arrived = new Map<string, string[]>(lectures.map((lectureId) => [lectureId, []]));
  const busy = new Set<string>();
  const sizes: number[] = [];
  await consumers.openReady({
    async handle(deliveries, queue) {
      expect(busy.has(queue)).toBe(false);
      busy.add(queue);
      await Bun.sleep(1);
      for (const delivery of deliveries) {
        if ("command" in delivery)
          arrived.get(delivery.command.lectureId)?.push(delivery.command.rid);
      }
      sizes.push(deliveries.length);
      busy.delete(queue);
      return acks(deliveries);
    },
  });
  await publishAll(commands);
  await eventually(
    "all have arrived",
    async () => sizes.reduce((sum, size) => sum + size, 0) >= 5_000,
  );
  for (const lectureId of lectures) {
    const sent = commands.filter((command) => command.lectureId === lectureId);
    expect(arrived.get(lectureId)).toEqual(sent.map(({ rid }) => rid));
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  expect(sizes.length).toBeLessThan(2_500);
});

test("a lone message is handled at once; messages after a batch share the next one", async () => {
  const [first, ...later] = reservesOf(randomLectureId(), 6);
  if (!first) throw new Error("no command");
  let nowMs = 0;
  const pause = Promise.withResolvers<void>();
  const sizes: number[] = [];
  await consumers.openReady({
    clock: {
      ...systemClock,
      monotonicMs: () => nowMs,
      async sleep(waitMs) {
        await pause.promise;
        nowMs += waitMs;
      },
    },
    async handle(deliveries) {
      sizes.push(deliveries.length);
      return acks(deliveries);
    },
  });
  await publishAll([first]);
  await eventually("the first is handled", async () => sizes.length === 1);
  for (const command of later) await publishAll([command]);
  await eventually("all are delivered", async () => (await readyMessages()) === 0);
  expect(sizes).toEqual([1]);
  pause.resolve();
  await eventually("the others are handled", async () => sizes.length > 1);
  expect(sizes).toEqual([1, 5]);
});

test("a batch that has filled up waits for nothing", async () => {
  const [first, ...later] = reservesOf(randomLectureId(), 101);
  if (!first) throw new Error("no command");
  const sizes: number[] = [];
  await consumers.openReady({
    clock: {
      ...systemClock,
      monotonicMs: () => 0,
      sleep: (_waitMs, signal) =>
        new Promise((resolve) => signal?.addEventListener("abort", () => resolve())),
    },
    async handle(deliveries) {
      sizes.push(deliveries.length);
      return acks(deliveries);
    },
  });
  await publishAll([first]);
  await eventually("the first is handled", async () => sizes.length === 1);
  await publishAll(later);
  await eventually("the others are handled", async () => sizes.length > 1);
  expect(sizes).toEqual([1, 100]);
});

test("an unreadable message is dead-lettered with its body; the others are acked", async () => {
  const lectureId = randomLectureId();
  const queue = queueNames.partition(0);
  const [before, after] = reservesOf(lectureId, 2);
  for (const body of [
    JSON.stringify(before),
    "not json",
    JSON.stringify(after),
    '{"kind":"steal"}',
  ]) {
    await put(queue, body);
  }
  const seen: Delivery[] = [];
  const consumer = await consumers.openReady({
    async handle(deliveries) {
      seen.push(...deliveries);
      return deliveries.map((delivery) => ("command" in delivery ? "ack" : "dead"));
    },
  });
  await eventually("all were handled", async () => seen.length === 4);
  await consumer.close();
  expect(seen.map(ridOf)).toMatchObject([before?.rid, "not JSON", after?.rid, expect.any(String)]);
  const dead = await eventually("both are dead letters", async () => {
    const messages = (await readyMessages()) === 2 ? await drain(queueNames.dead) : [];
    return messages.length === 2 && messages;
  });
  expect(dead.map(({ content }) => `${content}`)).toEqual(["not json", '{"kind":"steal"}']);
});

test("a batch whose handler threw is delivered again, counted once, and told of", async () => {
  const commands = reservesOf(randomLectureId(), 5);
  await publishAll(commands);
  const failure = new Error("the handler failed");
  const troubles: unknown[] = [];
  const seen: Delivery[][] = [];
  await consumers.openReady({
    onTrouble: (error) => troubles.push(error),
    async handle(deliveries) {
      seen.push(deliveries);
      if (seen.length === 1) throw failure;
      return acks(deliveries);
    },
  });
  const rids = commands.map(({ rid }) => rid);
  await eventually("all were handled", async () => seen.slice(1).flat().length >= rids.length);
  expect(troubles).toEqual([failure]);
  expect(seen.slice(1).flat().map(ridOf).sort()).toEqual(rids.sort());
  const again = seen
    .slice(1)
    .flat()
    .filter(({ redelivered }) => redelivered);
  expect(again.map(ridOf)).toEqual(seen[0]?.map(ridOf) ?? []);
  expect(again.map(({ deliveryCount }) => deliveryCount)).toEqual(again.map(() => 1));
  expect(seen[0]?.[0]).toMatchObject({ deliveryCount: 0, redelivered: false });
});

test("verdicts hold for their own message only", async () => {
  const commands = reservesOf(randomLectureId(), 7);
  await publishAll(commands);
  const verdicts: Verdict[] = ["ack", "requeue", "requeue", "ack", "dead", "ack", "requeue"];
  const verdictOf = new Map(commands.map(({ rid }, index) => [rid, verdicts[index] ?? "ack"]));
  const again: Delivery[] = [];
  const consumer = await consumers.openReady({
    async handle(deliveries) {
      again.push(...deliveries.filter(({ redelivered }) => redelivered));
      return deliveries.map((delivery) =>
        delivery.redelivered ? "ack" : (verdictOf.get(ridOf(delivery)) ?? "ack"),
      );
    },
  });
  await eventually("the requeued ones came again", async () => again.length >= 3);
  await consumer.close();
  expect(again.map(ridOf)).toEqual([1, 2, 6].map((index) => `${commands[index]?.rid}`));
  await eventually(
    "one dead letter is all that is left",
    async () => (await readyMessages()) === 1,
  );
  expect((await drain(queueNames.dead))[0]?.properties.messageId).toBe(commands[4]?.rid);
});

test("a wrong number of verdicts settles nothing", async () => {
  const commands = reservesOf(randomLectureId(), 3);
  await publishAll(commands);
  const seen: Delivery[][] = [];
  await consumers.openReady({
    async handle(deliveries) {
      seen.push(deliveries);
      return seen.length === 1 ? acks(deliveries).slice(1) : acks(deliveries);
    },
  });
  await eventually("all were handled", async () => seen.slice(1).flat().length >= commands.length);
  expect(seen.slice(1).flat().map(ridOf).sort()).toEqual(commands.map(({ rid }) => rid).sort());
});

test("a command that keeps failing ends in lectern.dead and is consumed from there", async () => {
  const [command] = reservesOf(randomLectureId(), 1);
  if (!command) throw new Error("no command");
  await publishAll([command]);
  let attempts = 0;
  const failing = await consumers.openReady({
    async handle() {
      attempts += 1;
      throw new Error("again");
    },
  });
  await eventually("it is a dead letter", async () => (await readyMessages()) === 1);
  await failing.close();
  expect(attempts).toBe(21);
  const letters: Delivery[] = [];
  await consumers.openReady({
    queues: [queueNames.dead],
    async handle(deliveries) {
      letters.push(...deliveries);
      return acks(deliveries);
    },
  });
  await eventually("it is read there", async () => letters.length === 1);
  expect(letters[0]).toMatchObject({ command, diedOf: "delivery_limit" });
});

test("a `later` comes after all others, as if new, and a suspect with its count", async () => {
  const commands = reservesOf(randomLectureId(), 4);
  await publishAll(commands);
  const [first, second] = commands.map(({ rid }) => rid);
  const seen: { rid: string; suspected: number | undefined; deliveryCount: number }[] = [];
  await consumers.openReady({
    maxBatch: 1,
    async handle([delivery]) {
      if (!delivery) return [];
      const { suspected, deliveryCount } = delivery;
      const isNew = !seen.some(({ rid }) => rid === ridOf(delivery));
      seen.push({ rid: ridOf(delivery), suspected, deliveryCount });
      if (ridOf(delivery) === first) return [isNew ? "later" : "ack"];
      return [ridOf(delivery) === second && (suspected ?? 0) < 2 ? "suspect" : "ack"];
    },
  });
  await eventually(
    "all were handled",
    async () => seen.length === 7 && (await readyMessages()) === 0,
  );
  expect(seen.slice(0, 4).map(({ rid }) => rid)).toEqual(commands.map(({ rid }) => rid));
  expect(seen.slice(4)).toEqual(
    expect.arrayContaining([
      { rid: first as string, suspected: undefined, deliveryCount: 0 },
      { rid: second as string, suspected: 1, deliveryCount: 0 },
      { rid: second as string, suspected: 2, deliveryCount: 0 },
    ]),
  );
});

test("a dead letter that is sent to the end keeps what it died of, and its trace", async () => {
  const [command] = reservesOf(randomLectureId(), 1);
  if (!command) throw new Error("no command");
  await publishAll([command]);
  const burying = await consumers.openReady({
    handle: async (deliveries) => deliveries.map(() => "dead"),
  });
  await eventually("it is a dead letter", async () => (await readyMessages()) === 1);
  await burying.close();
  const letters: Delivery[] = [];
  await consumers.openReady({
    queues: [queueNames.dead],
    maxBatch: 1,
    async handle(deliveries) {
      letters.push(...deliveries);
      return [letters.length === 1 ? "suspect" : "ack"];
    },
  });
  await eventually("it is read twice", async () => letters.length === 2);
  expect(letters[1]).toMatchObject({ command, diedOf: "rejected", suspected: 1, deliveryCount: 0 });
});
