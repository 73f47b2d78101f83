import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Command } from "../contract/command.ts";
import { queueNames } from "../contract/names.ts";
import { freshTopology, onChannel, PARTITIONS, rabbitmqUrl } from "../test/rooms/broker.ts";
import { acks, reservesOf, testConsumers } from "../test/rooms/consumer.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import type { Delivery } from "./delivery.ts";
import { openPublisher } from "./publisher.ts";

const MORE = PARTITIONS + 3;
const consumers = testConsumers();

beforeEach(freshTopology);
afterEach(consumers.closeAll);

/** Publishes like an origin that was started with that many partitions. */
async function publishTo(partitions: number, commands: Command[]): Promise<void> {
  const publisher = openPublisher({
    url: rabbitmqUrl(),
    partitions,
    maxInFlight: commands.length,
    confirmTimeoutMs: 10_000,
  });
  await publisher.readyWithin(30_000);
  const outcomes = await Promise.all(commands.map((command) => publisher.publish(command)));
  await publisher.close();
  expect(new Set(outcomes)).toEqual(new Set(["queued"]));
}

function commandsOfLectures(): Command[] {
  return Array.from({ length: 30 }, randomLectureId).flatMap((lectureId) =>
    reservesOf(lectureId, 5),
  );
}

/** The commands that arrive, each with its queue. */
function arriving() {
  const arrived: { queue: string; command: Command }[] = [];
  const handle = async (deliveries: Delivery[], queue: string) => {
    for (const delivery of deliveries)
      if ("command" in delivery) arrived.push({ queue, command: delivery.command });
    return acks(deliveries);
  };
  return { arrived, handle };
}

const isBeyond = ({ queue }: { queue: string }) => Number(queue.split(".").at(-1)) >= PARTITIONS;

test("with fewer partitions all commands arrive in order, new ones in their queues", async () => {
  const commands = commandsOfLectures();
  await publishTo(MORE, commands);
  const { arrived, handle } = arriving();
  const told: string[][] = [];
  await consumers.openReady({ handle, onLeftovers: (queues) => told.push(queues) });
  await eventually("all have arrived", async () => arrived.length === commands.length);
  expect(arrived.some(isBeyond)).toBe(true);
  expect(told).toEqual([[4, 5, 6].map(queueNames.partition)]);
  for (const lectureId of new Set(commands.map((command) => command.lectureId))) {
    const rids = (of: Command[]) =>
      of.filter((each) => each.lectureId === lectureId).map(({ rid }) => rid);
    expect(rids(arrived.map(({ command }) => command))).toEqual(rids(commands));
  }
  arrived.length = 0;
  const later = commandsOfLectures();
  await publishTo(PARTITIONS, later);
  await eventually("the later ones have arrived", async () => arrived.length === later.length);
  expect(arrived.filter(isBeyond)).toEqual([]);
});

test("a search finds the queues of more partitions, and all their commands arrive", async () => {
  const { arrived, handle } = arriving();
  const consumer = await consumers.openReady({ handle });
  const commands = commandsOfLectures();
  await publishTo(MORE, commands);
  await consumer.adoptLeftovers();
  await consumer.adoptLeftovers();
  await eventually("all have arrived", async () => arrived.length === commands.length);
  expect(arrived.some(isBeyond)).toBe(true);
  expect(consumer.ready()).toBe(true);
});

test("queues of others are left alone", async () => {
  const others = ["lectern.commands.mine", "somebody.else"];
  await onChannel(async (channel) => {
    for (const queue of others) {
      await channel.assertQueue(queue, { durable: true });
      await channel.bindQueue(queue, "amq.direct", "theirs");
      channel.sendToQueue(queue, Buffer.from("theirs"));
    }
    await channel.close();
  });
  const { arrived, handle } = arriving();
  await publishTo(MORE, commandsOfLectures());
  await consumers.openReady({ handle });
  await eventually("ours have arrived", async () => arrived.length === 150);
  await onChannel(async (channel) => {
    channel.publish("amq.direct", "theirs", Buffer.from("theirs"));
    for (const queue of others) {
      await eventually(
        "theirs is there",
        async () => (await channel.checkQueue(queue)).messageCount === 2,
      );
      await channel.deleteQueue(queue);
    }
  });
});
