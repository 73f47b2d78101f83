import type { ChannelModel, ConfirmChannel } from "amqplib";
import { queueNames } from "../contract/names.ts";
import type { Clock } from "../runtime/clock/clock.ts";
import { batchesOf, type Handle } from "./batches.ts";
import { keepConnected } from "./connection.ts";
import { retireLeftovers } from "./leftovers.ts";
import { declareTopology } from "./topology.ts";

export interface ConsumerOptions {
  url: string;
  partitions: number;
  /** which queues to consume; all partitions by default, and what is left of more of them */
  queues?: readonly string[];
  /** messages the broker hands over ahead, per queue; twice `maxBatch` keeps the next batch at hand */
  prefetch: number;
  /** deliveries of one batch, at most */
  maxBatch: number;
  handle: Handle;
  /** the longest pause of a queue after a batch with something to requeue; five seconds by default */
  maxBackoffMs?: number;
  /** what the pace of the batches and their pauses are measured by; the machine's own by default */
  clock?: Clock;
  /** how long close() waits for running batches */
  drainTimeoutMs: number;
  /** told of queues beyond the partitions that are consumed from now on */
  onLeftovers?: (queues: string[]) => void;
  /** told of lost connections and of handlers that threw */
  onTrouble?: (error: unknown) => void;
}

export type Consumer = ReturnType<typeof openConsumer>;

interface Subscription {
  channel: ConfirmChannel;
  consumerTag: string;
}

/**
 * Consumes commands on a connection of its own, with one channel a queue; queues are handled side by side, each in
 * its own order. It is at work from the call on. A lost connection, a lost channel and a consumer that the broker
 * cancelled all end alike: a new connection declares the topology and subscribes again.
 *
 * Queues that a larger number of partitions has left over are consumed as well, and nothing more is
 * routed to them. The commands of a lecture then lie in two queues for a while. Each queue keeps
 * its order, and no decision depends on the order across the two.
 */
export function openConsumer(options: ConsumerOptions) {
  const queues =
    options.queues ??
    Array.from({ length: options.partitions }, (_, index) => queueNames.partition(index));
  const workers = new Map(queues.map((queue) => [queue, batchesOf({ ...options, queue })]));
  const subscriptions = new Map<string, Subscription>();
  let live: { model: ChannelModel; drop: () => void } | undefined;
  let closing = false;

  async function setup(model: ChannelModel, drop: () => void): Promise<void> {
    subscriptions.clear();
    live = { model, drop };
    const declaring = await model.createChannel();
    declaring.on("error", (error) => options.onTrouble?.(error));
    await declareTopology(declaring, options);
    await declaring.close();
    await adopt(model);
    for (const queue of workers.keys()) await subscribe(queue, model, drop);
  }

  /** Gives the queues that are left over and were not known before. */
  async function adopt(model: ChannelModel): Promise<string[]> {
    if (options.queues) return [];
    const leftovers = await retireLeftovers(model, options.partitions);
    const found = leftovers.filter((queue) => !workers.has(queue));
    for (const queue of found) workers.set(queue, batchesOf({ ...options, queue }));
    if (found.length > 0) options.onLeftovers?.(found);
    return found;
  }

  async function subscribe(queue: string, model: ChannelModel, drop: () => void): Promise<void> {
    const batches = workers.get(queue);
    if (!batches) return;
    const channel = await model.createConfirmChannel();
    channel.on("error", (error) => options.onTrouble?.(error));
    channel.on("close", () => !closing && drop());
    await channel.prefetch(options.prefetch);
    const take = batches.takeFrom(channel);
    const { consumerTag } = await channel.consume(queue, (message) =>
      message ? take(message) : drop(),
    );
    subscriptions.set(queue, { channel, consumerTag });
  }

  const connection = keepConnected({ url: options.url, setup, onTrouble: options.onTrouble });

  /** Closing a channel sends its acks first; closing the connection would overtake them. */
  async function leave(): Promise<void> {
    const subscribed = [...subscriptions.values()];
    const cancelling = subscribed.map(({ channel, consumerTag }) => channel.cancel(consumerTag));
    const stopping = [...workers.values()].map((batches) => batches.stop());
    await Promise.allSettled([...cancelling, ...stopping]);
    await Promise.allSettled(subscribed.map(({ channel }) => channel.close()));
  }

  return {
    /** Whether it is subscribed to all its queues: for readiness. */
    ready: connection.ready,

    readyWithin: connection.readyWithin,

    /**
     * Looks for queues beyond the partitions that another process has declared since this consumer
     * subscribed, and consumes them as well. Never rejects. Each new connection looks by itself.
     */
    async adoptLeftovers(): Promise<void> {
      if (!live || !connection.ready() || closing) return;
      const { model, drop } = live;
      try {
        for (const queue of await adopt(model)) await subscribe(queue, model, drop);
      } catch (error) {
        options.onTrouble?.(error);
        drop();
      }
    },

    /**
     * Takes no more deliveries, lets the running batches end and be acked, at most `drainTimeoutMs`, then ends the
     * connection. What was delivered and not begun goes back to its queue.
     */
    async close(): Promise<void> {
      closing = true;
      const deadline = Promise.withResolvers<void>();
      const timer = setTimeout(deadline.resolve, options.drainTimeoutMs);
      await Promise.race([leave(), deadline.promise]);
      clearTimeout(timer);
      await connection.close();
    },
  };
}
