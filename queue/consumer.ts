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
  /**
   * the queues to consume; by default all partitions, and the leftovers of a larger number of them
   */
  queues?: readonly string[];
  /**
   * messages that the broker hands over ahead, per queue; twice `maxBatch` keeps the next batch
   * ready
   */
  prefetch: number;
  /** the most deliveries in one batch */
  maxBatch: number;
  handle: Handle;
  /**
   * the longest pause of a queue after a batch with a `requeue` or a `later`; five seconds by
   * default
   */
  maxBackoffMs?: number;
  /** measures the pace of the batches and their pauses; the machine's clock by default */
  clock?: Clock;
  /** how long close() waits for running batches */
  drainTimeoutMs: number;
  /** called with the queues beyond the partitions that are consumed from now on */
  onLeftovers?: (queues: string[]) => void;
  /** called with lost connections and with errors that handlers threw */
  onTrouble?: (error: unknown) => void;
}

interface Subscription {
  channel: ConfirmChannel;
  consumerTag: string;
}

/**
 * Consumes commands from this call on, over a connection of its own, with one channel a queue.
 * Queues are handled side by side, each in its own order. A lost connection, a lost channel and a
 * consumer that the broker cancelled end alike: a new connection declares the topology and
 * subscribes again.
 *
 * Leftover queues of a larger number of partitions are consumed as well, and nothing more is routed
 * to them. For a while a lecture's commands then lie in two queues. Each queue keeps its order, and
 * no decision depends on the order across the two.
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

  /** Gives the leftover queues that were not known before. */
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
     * Also consumes leftover queues that another process has declared since this consumer
     * subscribed. Each new connection looks by itself. Never rejects.
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
     * Takes no more deliveries, waits at most `drainTimeoutMs` for the running batches' acks, then
     * ends the connection. Deliveries not begun go back to their queue.
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
