import { randomBytes } from "node:crypto";
import { type Channel, type ConsumeMessage, connect } from "amqplib";
import type { ReserveCommand } from "../../contract/command.ts";
import type { LectureId } from "../../contract/ids.ts";
import { queueNames } from "../../contract/names.ts";
import { declareTopology } from "../../queue/topology.ts";
import { addressOf } from "../servers.ts";

export const PARTITIONS = 4;
/**
 * More partitions than any test declares on this broker: their leftovers would swallow commands.
 */
const MOST_PARTITIONS = 16;

export const rabbitmqUrl = () => addressOf("RABBITMQ_URL");

/** Runs `use` on its own channel and ends the connection. */
export async function onChannel<T>(use: (channel: Channel) => Promise<T>): Promise<T> {
  const model = await connect(rabbitmqUrl());
  try {
    return await use(await model.createChannel());
  } finally {
    await model.close();
  }
}

/** Resets the broker to its state before a first start, then declares the topology. */
export function freshTopology(): Promise<void> {
  return onChannel(async (channel) => {
    await channel.deleteExchange(queueNames.commands);
    await channel.deleteQueue(queueNames.dead);
    for (let index = 0; index < MOST_PARTITIONS; index += 1)
      await channel.deleteQueue(queueNames.partition(index));
    await declareTopology(channel, { partitions: PARTITIONS });
  });
}

/** Takes the waiting messages off a queue and gives them in order. */
export function drain(queue: string): Promise<ConsumeMessage[]> {
  return onChannel(async (channel) => {
    const { messageCount } = await channel.checkQueue(queue);
    const messages: ConsumeMessage[] = [];
    if (messageCount === 0) return messages;
    const complete = Promise.withResolvers<void>();
    const take = (message: ConsumeMessage | null) => {
      if (message) messages.push(message);
      if (messages.length >= messageCount) complete.resolve();
    };
    await channel.consume(queue, take, { noAck: true });
    await complete.promise;
    return messages;
  });
}

/** Takes the waiting messages off all partitions, one partition after the other. */
export async function drainPartitions(): Promise<ConsumeMessage[]> {
  const queues = Array.from({ length: PARTITIONS }, (_, index) => queueNames.partition(index));
  return (await Promise.all(queues.map(drain))).flat();
}

export function reserveOf(lectureId: LectureId, userId = "s1"): ReserveCommand {
  const rid = `${lectureId}-${randomBytes(16).toString("hex")}`;
  return { kind: "reserve", rid, lectureId, userId, claimedAtMs: Date.now() };
}
