import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Command } from "../contract/command.ts";
import { queueNames } from "../contract/names.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import type { Verdict } from "./batches.ts";
import { drain, freshTopology, onChannel, PARTITIONS, rabbitmqUrl, reserveOf } from "./broker-for-test.ts";
import { type Consumer, type ConsumerOptions, openConsumer } from "./consumer.ts";
import type { Delivery } from "./delivery.ts";
import { queueDepths } from "./depth.ts";
import { openPublisher } from "./publisher.ts";
import { openWire, type Wire } from "./wire-for-test.ts";

const opened: (Consumer | Wire)[] = [];

beforeEach(freshTopology);
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function open(options: Partial<ConsumerOptions> & Pick<ConsumerOptions, "handle">): Consumer {
  const consumer = openConsumer({
    url: rabbitmqUrl(),
    partitions: PARTITIONS,
    prefetch: 200,
    maxBatch: 100,
    drainTimeoutMs: 5_000,
    maxBackoffMs: 20,
    ...options,
  });
  opened.push(consumer);
  return consumer;
}

async function openReady(options: Parameters<typeof open>[0]): Promise<Consumer> {
  const consumer = open(options);
  expect(await consumer.readyWithin(10_000)).toBe(true);
  return consumer;
}

async function publishAll(commands: Command[]): Promise<void> {
  const publisher = openPublisher({
    url: rabbitmqUrl(),
    partitions: PARTITIONS,
    maxInFlight: commands.length,
    confirmTimeoutMs: 10_000,
  });
  await publisher.readyWithin(10_000);
  const outcomes = await Promise.all(commands.map(publisher.publish));
  await publisher.close();
  expect(new Set(outcomes)).toEqual(new Set(["queued"]));
}

/** Puts a body that no publisher would send into a queue. */
function put(queue: string, body: string): Promise<void> {
  return onChannel(async (channel) => {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
    await channel.close();
  });
}

async function readyMessages(): Promise<number> {
  const depths = await queueDepths({ url: rabbitmqUrl(), partitions: PARTITIONS, timeoutMs: 5_000 });
  return depths.reduce((sum, { ready }) => sum + ready, 0);
}

const acks = (deliveries: Delivery[]): Verdict[] => deliveries.map(() => "ack");
const ridOf = (delivery: Delivery) => ("command" in delivery ? delivery.command.rid : delivery.unreadable);

function reservesOf(lectureId: string, count: number): Command[] {
  return Array.from({ length: count }, (_, index) => reserveOf(lectureId, `s${index}`));
}

test("five thousand commands arrive once, in order for each lecture, in batches that never overlap", async () => {
  const lectures = Array.from({ length: 20 }, randomLectureId);
  const commands = lectures.flatMap((lectureId) => reservesOf(lectureId, 250));
  const arrived = new Map<string, string[]>(lectures.map((lectureId) => [lectureId, []]));
  const busy = new Set<string>();
  const sizes: number[] = [];
  await openReady({
    async handle(deliveries, queue) {
      expect(busy.has(queue)).toBe(false);
      busy.add(queue);
      await Bun.sleep(1);
      for (const delivery of deliveries) {
        if ("command" in delivery) arrived.get(delivery.command.lectureId)?.push(delivery.command.rid);
      }
      sizes.push(deliveries.length);
      busy.delete(queue);
      return acks(deliveries);
    },
  });
  await publishAll(commands);
  await eventually("all have arrived", async () => sizes.reduce((sum, size) => sum + size, 0) >= 5_000);
  for (const lectureId of lectures) {
    const sent = commands.filter((command) => command.lectureId === lectureId);
    expect(arrived.get(lectureId)).toEqual(sent.map(({ rid }) => rid));
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  expect(sizes.length).toBeLessThan(2_500);
});

test("an unreadable message is dead-lettered with its body while its neighbours are acked", async () => {
  const lectureId = randomLectureId();
  const queue = queueNames.partition(0);
  const [before, after] = reservesOf(lectureId, 2);
  for (const body of [JSON.stringify(before), "not json", JSON.stringify(after), '{"kind":"steal"}']) {
    await put(queue, body);
  }
  const seen: Delivery[] = [];
  const consumer = await openReady({
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
  await openReady({
    onTrouble: (error) => troubles.push(error),
    async handle(deliveries) {
      seen.push(deliveries);
      if (seen.length === 1) throw failure;
      return acks(deliveries);
    },
  });
  await eventually("the second delivery", async () => seen.flat().length >= 10);
  expect(troubles).toEqual([failure]);
  expect(seen[0]?.map(ridOf)).toEqual(commands.map(({ rid }) => rid));
  expect(seen.slice(1).flat().map(ridOf)).toEqual(commands.map(({ rid }) => rid));
  expect(seen[0]?.[0]).toMatchObject({ deliveryCount: 0, redelivered: false });
  expect(seen[1]?.[0]).toMatchObject({ deliveryCount: 1, redelivered: true });
});

test("verdicts hold for their own message only", async () => {
  const commands = reservesOf(randomLectureId(), 7);
  await publishAll(commands);
  const verdicts: Verdict[] = ["ack", "requeue", "requeue", "ack", "dead", "ack", "requeue"];
  const verdictOf = new Map(commands.map(({ rid }, index) => [rid, verdicts[index] ?? "ack"]));
  const again: Delivery[] = [];
  const consumer = await openReady({
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
  await eventually("one dead letter is all that is left", async () => (await readyMessages()) === 1);
  expect((await drain(queueNames.dead))[0]?.properties.messageId).toBe(commands[4]?.rid);
});

test("a wrong number of verdicts settles nothing", async () => {
  const commands = reservesOf(randomLectureId(), 3);
  await publishAll(commands);
  const seen: Delivery[][] = [];
  await openReady({
    async handle(deliveries) {
      seen.push(deliveries);
      return seen.length === 1 ? acks(deliveries).slice(1) : acks(deliveries);
    },
  });
  await eventually("all came again", async () => seen.flat().length >= 6);
  expect(seen.slice(1).flat().map(ridOf)).toEqual(commands.map(({ rid }) => rid));
});

test("a command that keeps failing ends in lectern.dead, from where it can be consumed and is told apart", async () => {
  const [command] = reservesOf(randomLectureId(), 1);
  if (!command) throw new Error("no command");
  await publishAll([command]);
  let attempts = 0;
  const failing = await openReady({
    async handle() {
      attempts += 1;
      throw new Error("again");
    },
  });
  await eventually("it is a dead letter", async () => (await readyMessages()) === 1);
  await failing.close();
  expect(attempts).toBe(21);
  const letters: Delivery[] = [];
  await openReady({
    queues: [queueNames.dead],
    async handle(deliveries) {
      letters.push(...deliveries);
      return acks(deliveries);
    },
  });
  await eventually("it is read there", async () => letters.length === 1);
  expect(letters[0]).toMatchObject({ command, diedOf: "delivery_limit" });
});

test("after a lost connection it subscribes again and gets what was not settled once more", async () => {
  const wire = await openWire(rabbitmqUrl());
  opened.push(wire);
  const commands = reservesOf(randomLectureId(), 30);
  await publishAll(commands);
  const seen: Delivery[] = [];
  const release = Promise.withResolvers<void>();
  let running = 0;
  const consumer = await openReady({
    url: wire.url,
    async handle(deliveries) {
      running += 1;
      expect(running).toBe(1);
      const first = seen.length === 0;
      seen.push(...deliveries);
      if (first) await release.promise;
      running -= 1;
      return acks(deliveries);
    },
  });
  await eventually("the first batch runs", async () => running === 1);
  wire.cut();
  await eventually("the loss is noticed", async () => !consumer.ready());
  wire.mend();
  expect(await consumer.readyWithin(10_000)).toBe(true);
  const firstBatch = seen.length;
  release.resolve();
  await eventually("all came again", async () => seen.length >= firstBatch + 30);
  expect(seen.slice(firstBatch).map(ridOf)).toEqual(commands.map(({ rid }) => rid));
  const more = reservesOf(randomLectureId(), 10);
  await publishAll(more);
  await eventually("new ones come too", async () => seen.length >= firstBatch + 40);
  await consumer.close();
  expect(await readyMessages()).toBe(0);
});

test("a consumer whose queue was deleted declares it and subscribes again", async () => {
  const seen: Delivery[] = [];
  await openReady({
    async handle(deliveries) {
      seen.push(...deliveries);
      return acks(deliveries);
    },
  });
  await onChannel((channel) => channel.deleteQueue(queueNames.partition(0)));
  await eventually("the queue is there and consumed", async () => {
    const depths = await queueDepths({ url: rabbitmqUrl(), partitions: PARTITIONS, timeoutMs: 5_000 }).catch(
      () => [],
    );
    return depths[0]?.consumers === 1;
  });
  await put(queueNames.partition(0), JSON.stringify(reserveOf(randomLectureId())));
  await eventually("a command arrives", async () => seen.length === 1);
});

test("close lets the running batch end and acks it; what was not begun is back on the queue", async () => {
  const commands = reservesOf(randomLectureId(), 50);
  await publishAll(commands);
  const handled: string[] = [];
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const consumer = await openReady({
    maxBatch: 10,
    async handle(deliveries) {
      started.resolve();
      await release.promise;
      handled.push(...deliveries.map(ridOf));
      return acks(deliveries);
    },
  });
  await started.promise;
  const closing = consumer.close();
  release.resolve();
  await closing;
  expect(handled.length).toBeWithin(1, 11);
  await eventually(
    "the rest is back",
    async () => (await readyMessages()) === commands.length - handled.length,
  );
  const left = (await Promise.all([0, 1, 2, 3].map((index) => drain(queueNames.partition(index))))).flat();
  expect(left.map(({ properties }) => properties.messageId).sort()).toEqual(
    commands
      .slice(handled.length)
      .map(({ rid }) => rid)
      .sort(),
  );
});

test("close does not wait for a handler that never ends, nor for a silent broker", async () => {
  const wire = await openWire(rabbitmqUrl());
  opened.push(wire);
  await publishAll(reservesOf(randomLectureId(), 5));
  const started = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Verdict[]>();
  const consumer = await openReady({
    url: wire.url,
    drainTimeoutMs: 100,
    handle() {
      started.resolve();
      return never.promise;
    },
  });
  await started.promise;
  wire.stall();
  await consumer.close();
  expect(consumer.ready()).toBe(false);
  wire.cut();
  await eventually("the messages are back", async () => (await readyMessages()) === 5);
});
