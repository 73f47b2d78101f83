import type { Channel } from "amqplib";
import { queueNames } from "../contract/names.ts";

export interface Topology {
  /**
   * how many queues the lectures are spread over, 1 to PARTITIONS_MAX; the same number for every
   * origin and worker of a broker
   */
  partitions: number;
}

export const PARTITIONS_MAX = 256;

/** With "1" a consistent-hash exchange spreads badly. */
export const BINDING_WEIGHT = "50";

/** After so many failed deliveries a command is dead-lettered. */
export const DELIVERY_LIMIT = 20;

/**
 * Declares what Lectern needs on the broker; declaring it again changes nothing. Everything is durable:
 * commands → consistent hash of the lecture id → one quorum queue a partition, each with one consumer at a time
 * → `lectern.dead` for what was given up, which leaves its queue only when it has arrived there.
 *
 * The queues have no length limit: admission holds a claim for every command, so the seats bound them.
 * Rejects, and the broker closes the channel, when something of that name exists with other settings.
 */
export async function declareTopology(channel: Channel, { partitions }: Topology): Promise<void> {
  await channel.assertQueue(queueNames.dead, {
    durable: true,
    arguments: { "x-queue-type": "quorum" },
  });
  await channel.assertExchange(queueNames.commands, "x-consistent-hash", { durable: true });
  for (let index = 0; index < partitions; index += 1) {
    const queue = queueNames.partition(index);
    await channel.assertQueue(queue, { durable: true, arguments: partitionArguments });
    await channel.bindQueue(queue, queueNames.commands, BINDING_WEIGHT);
  }
}

const partitionArguments = {
  "x-queue-type": "quorum",
  "x-single-active-consumer": true,
  "x-delivery-limit": DELIVERY_LIMIT,
  // The empty name is the default exchange, which routes straight to the queue named by the routing key.
  "x-dead-letter-exchange": "",
  "x-dead-letter-routing-key": queueNames.dead,
  "x-dead-letter-strategy": "at-least-once",
  // At-least-once dead-lettering takes effect only with this one.
  "x-overflow": "reject-publish",
};
