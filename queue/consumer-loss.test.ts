import { afterEach, beforeEach, expect, test } from "bun:test";
import { queueNames } from "../contract/names.ts";
import { freshTopology, onChannel, reserveOf } from "../test/rooms/broker.ts";
import {
  acks,
  depths,
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

test("deliveries of a lost connection are not begun; they come again", async () => {
  const wire = await consumers.breakableWire();
  const commands = reservesOf(randomLectureId(), 30);
  await publishAll(commands);
  const seen: Delivery[][] = [];
  const release = Promise.withResolvers<void>();
  const consumer = await consumers.openReady({
    url: wire.url,
    maxBatch: 10,
    async handle(deliveries) {
      seen.push(deliveries);
      if (seen.length === 1) await release.promise;
      return acks(deliveries);
    },
  });
  await eventually("the first batch runs", async () => seen.length === 1);
  wire.cut();
  await eventually("the loss is noticed", async () => !consumer.ready());
  release.resolve();
  wire.mend();
  await eventually("all came again", async () => seen.slice(1).flat().length >= 30);
  expect(seen.slice(1).flat().map(ridOf)).toEqual(commands.map(({ rid }) => rid));
  const more = reservesOf(randomLectureId(), 10);
  await publishAll(more);
  await eventually("new ones come too", async () => seen.slice(1).flat().length >= 40);
  await consumer.close();
  expect(await readyMessages()).toBe(0);
});

test("a batch that outlives its connection ends before its queue's next one begins", async () => {
  const wire = await consumers.breakableWire();
  await publishAll(reservesOf(randomLectureId(), 30));
  const release = Promise.withResolvers<void>();
  const started: Delivery[][] = [];
  let running = 0;
  let mostRunning = 0;
  const consumer = await consumers.openReady({
    url: wire.url,
    async handle(deliveries) {
      started.push(deliveries);
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      if (started.length === 1) await release.promise;
      running -= 1;
      return acks(deliveries);
    },
  });
  await eventually("the first batch runs", async () => running === 1);
  wire.cut();
  await eventually("the loss is noticed", async () => !consumer.ready());
  wire.mend();
  expect(await consumer.readyWithin(30_000)).toBe(true);
  await eventually("the broker has delivered again", async () => (await readyMessages()) === 0);
  release.resolve();
  await eventually("all came again", async () => started.slice(1).flat().length >= 30);
  expect(mostRunning).toBe(1);
});

test("a consumer whose queue was deleted declares it and subscribes again", async () => {
  const seen: Delivery[] = [];
  await consumers.openReady({
    async handle(deliveries) {
      seen.push(...deliveries);
      return acks(deliveries);
    },
  });
  await onChannel((channel) => channel.deleteQueue(queueNames.partition(0)));
  await eventually("the queue is there and consumed", async () => {
    const [first] = await depths().catch(() => []);
    return first?.consumers === 1;
  });
  await put(queueNames.partition(0), JSON.stringify(reserveOf(randomLectureId())));
  await eventually("a command arrives", async () => seen.length === 1);
});

test("close ends and acks the running batch; all else goes to the next consumer", async () => {
  const commands = reservesOf(randomLectureId(), 50);
  await publishAll(commands);
  const handled: string[] = [];
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const leaving = await consumers.openReady({
    maxBatch: 10,
    prefetch: 20,
    async handle(deliveries) {
      started.resolve();
      await release.promise;
      handled.push(...deliveries.map(ridOf));
      return acks(deliveries);
    },
  });
  await started.promise;
  const taken: string[] = [];
  const staying = await consumers.openReady({
    async handle(deliveries) {
      taken.push(...deliveries.map(ridOf));
      return acks(deliveries);
    },
  });
  expect(taken).toEqual([]);
  const closing = leaving.close();
  await eventually("the next consumer takes over", async () => taken.length > 0);
  release.resolve();
  await closing;
  expect(handled.length).toBeWithin(1, 11);
  await eventually("nothing is left", async () => handled.length + taken.length >= 50);
  await staying.close();
  expect([...handled, ...taken].sort()).toEqual(commands.map(({ rid }) => rid).sort());
  expect(await readyMessages()).toBe(0);
});

test("close does not wait for a handler that never ends, nor for a silent broker", async () => {
  const wire = await consumers.breakableWire();
  await publishAll(reservesOf(randomLectureId(), 5));
  const started = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Verdict[]>();
  const consumer = await consumers.openReady({
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
