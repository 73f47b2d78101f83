import type { ChannelModel, ConfirmChannel } from "amqplib";
import type { Clock } from "../clock/clock.ts";
import { queueNames } from "../contract/names.ts";
import { batchesOf, type Handle } from "./batches.ts";
import { keepConnected } from "./connection.ts";
import { declareTopology } from "./topology.ts";

export interface ConsumerOptions {
  url: string;
  partitions: number;
  /** which queues to consume; all partitions by default */
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
 */
export function openConsumer(options: ConsumerOptions) {
  const queues =
    options.queues ?? Array.from({ length: options.partitions }, (_, index) => queueNames.partition(index));
  const workers = queues.map((queue) => ({ queue, batches: batchesOf({ ...options, queue }) }));
  let subscriptions: Subscription[] = [];
  let closing = false;

  async function setup(model: ChannelModel, drop: () => void): Promise<void> {
    subscriptions = [];
    const declaring = await model.createChannel();
    declaring.on("error", (error) => options.onTrouble?.(error));
    await declareTopology(declaring, options);
    await declaring.close();
    for (const { queue, batches } of workers) {
      const channel = await model.createConfirmChannel();
      channel.on("error", (error) => options.onTrouble?.(error));
      channel.on("close", () => !closing && drop());
      await channel.prefetch(options.prefetch);
      const take = batches.takeFrom(channel);
      const { consumerTag } = await channel.consume(queue, (message) => (message ? take(message) : drop()));
      subscriptions.push({ channel, consumerTag });
    }
  }

  const connection = keepConnected({ url: options.url, setup, onTrouble: options.onTrouble });

  /** Closing a channel sends its acks first; closing the connection would overtake them. */
  async function leave(): Promise<void> {
    const cancelling = subscriptions.map(({ channel, consumerTag }) => channel.cancel(consumerTag));
    const stopping = workers.map(({ batches }) => batches.stop());
    await Promise.allSettled([...cancelling, ...stopping]);
    await Promise.allSettled(subscriptions.map(({ channel }) => channel.close()));
  }

  return {
    /** Whether it is subscribed to all its queues: for readiness. */
    ready: connection.ready,

    readyWithin: connection.readyWithin,

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
