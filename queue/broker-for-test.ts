import { randomBytes } from "node:crypto";
import { type Channel, connect } from "amqplib";
import type { ReserveCommand } from "../contract/command.ts";
import type { LectureId } from "../contract/ids.ts";
import { queueNames } from "../contract/names.ts";
import { addressOf } from "../test/servers.ts";
import { declareTopology } from "./topology.ts";

export const PARTITIONS = 4;
/** More partitions than any test has had on this broker: their leftovers would swallow commands. */
const MOST_PARTITIONS = 16;

export const rabbitmqUrl = () => addressOf("RABBITMQ_URL");

/** Runs `use` on a channel of its own and ends the connection. */
export async function onChannel<T>(use: (channel: Channel) => Promise<T>): Promise<T> {
  const model = await connect(rabbitmqUrl());
  try {
    return await use(await model.createChannel());
  } finally {
    await model.close();
  }
}

/** Leaves the broker as a first start would find it, then declares the topology. */
export function freshTopology(): Promise<void> {
  return onChannel(async (channel) => {
    await channel.deleteExchange(queueNames.commands);
    await channel.deleteQueue(queueNames.dead);
    for (let index = 0; index < MOST_PARTITIONS; index += 1)
      await channel.deleteQueue(queueNames.partition(index));
    await declareTopology(channel, { partitions: PARTITIONS });
  });
}

/** The bodies in a queue, in order, which are taken off it. */
export function drain(queue: string): Promise<string[]> {
  return onChannel(async (channel) => {
    const bodies: string[] = [];
    for (;;) {
      const message = await channel.get(queue, { noAck: true });
      if (!message) return bodies;
      bodies.push(message.content.toString());
    }
  });
}

export function reserveOf(lectureId: LectureId, userId = "s1"): ReserveCommand {
  const rid = `${lectureId}-${randomBytes(16).toString("hex")}`;
  return { kind: "reserve", rid, lectureId, userId, claimedAtMs: Date.now() };
}
