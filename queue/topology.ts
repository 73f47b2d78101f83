import type { Channel } from "amqplib";
import { queueNames } from "../contract/names.ts";

export interface Topology {
  /**
   * queues over which the lectures are spread, 1 to PARTITIONS_MAX; the same number for every
   * origin and worker of a broker
   */
  partitions: number;
}

export const PARTITIONS_MAX = 256;

/** With the weight "1" a consistent-hash exchange spreads badly. */
export const BINDING_WEIGHT = "50";

/** After this many failed deliveries the broker dead-letters a command. */
export const DELIVERY_LIMIT = 20;

/**
 * Declares Lectern's exchange and queues on the broker; declaring them again changes nothing.
 * Everything is durable:
 * - commands go by consistent hash of the lecture id to one quorum queue for each partition, each
 *   with one consumer at a time;
 * - dead letters go to `lectern.dead`; each leaves its queue only when it has arrived there.
 *
 * The queues have no length limit: admission holds a claim for every command, so the seats bound
 * them. If a queue or exchange exists with other settings, the call rejects and the broker closes
 * the channel.
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
  // The empty name is the default exchange, which routes to the queue named by the routing key.
  "x-dead-letter-exchange": "",
  "x-dead-letter-routing-key": queueNames.dead,
  "x-dead-letter-strategy": "at-least-once",
  // At-least-once dead-lettering takes effect only with `reject-publish`.
  "x-overflow": "reject-publish",
};
