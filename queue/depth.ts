import { type Channel, type ChannelModel, connect, type SocketOptions } from "amqplib";
import { queueNames } from "../contract/names.ts";

export interface QueueDepth {
  queue: string;
  /** messages waiting for delivery, without those delivered and not yet settled */
  ready: number;
  consumers: number;
}

export interface DepthOptions {
  url: string;
  partitions: number;
  timeoutMs: number;
}

/**
 * The depths of each partition and `lectern.dead`, over a connection that ends with the call.
 * Rejects if the broker does not answer within `timeoutMs` milliseconds, or if a queue was never
 * declared.
 */
export async function queueDepths({
  url,
  partitions,
  timeoutMs,
}: DepthOptions): Promise<QueueDepth[]> {
  const queues = Array.from({ length: partitions }, (_, index) => queueNames.partition(index));
  const socket = new AbortController();
  const deadline = setTimeout(() => socket.abort(), timeoutMs);
  const socketOptions: SocketOptions & { signal: AbortSignal } = {
    noDelay: true,
    signal: socket.signal,
  };
  try {
    const model = await connect(url, socketOptions);
    model.on("error", () => {}); // a failure shows in the answers
    const channel = await model.createChannel();
    channel.on("error", () => {});
    const depths = await readDepths(channel, [...queues, queueNames.dead]);
    await leave(model);
    return depths;
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}

/**
 * Asks the broker, queue by queue. If a queue was never declared, the call rejects and the broker
 * closes the channel.
 */
export async function readDepths(channel: Channel, queues: string[]): Promise<QueueDepth[]> {
  const depths: QueueDepth[] = [];
  for (const queue of queues) {
    const { messageCount, consumerCount } = await channel.checkQueue(queue);
    depths.push({ queue, ready: messageCount, consumers: consumerCount });
  }
  return depths;
}

/**
 * Waits for the `close` event: the library's close() never returns if the socket dies meanwhile.
 */
async function leave(model: ChannelModel): Promise<void> {
  const closed = new Promise((resolve) => model.once("close", resolve));
  model.close().catch(() => {});
  await closed;
}
