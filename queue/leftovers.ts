import type { ChannelModel } from "amqplib";
import { queueNames } from "../contract/names.ts";
import { BINDING_WEIGHT, PARTITIONS_MAX } from "./topology.ts";

/**
 * Finds and unbinds the leftover queues of a larger number of partitions; their messages have to be
 * consumed. Partitions are numbered without gaps, so the search ends at the first missing queue.
 * The broker logs that question as an error.
 *
 * @param partitions how many are in use, 1 to PARTITIONS_MAX
 * @returns the names of the queues found, in order
 */
export async function retireLeftovers(model: ChannelModel, partitions: number): Promise<string[]> {
  const leftovers: string[] = [];
  for (let index = partitions; index < PARTITIONS_MAX; index += 1) {
    const queue = queueNames.partition(index);
    if (!(await retire(model, queue))) break;
    leftovers.push(queue);
  }
  return leftovers;
}

/**
 * Unbinds the queue; gives whether it exists. Asking for a missing queue ends the channel, so each
 * queue has its own.
 */
async function retire(model: ChannelModel, queue: string): Promise<boolean> {
  const channel = await model.createChannel();
  channel.on("error", () => {}); // a failure shows in the answers
  try {
    await channel.checkQueue(queue);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  await channel.unbindQueue(queue, queueNames.commands, BINDING_WEIGHT);
  await channel.close();
  return true;
}

const NOT_FOUND = 404;

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === NOT_FOUND;
}
