import type { Channel, ChannelModel } from "amqplib";
import { queueNames } from "../contract/names.ts";
import { keepConnected } from "./connection.ts";
import { type QueueDepth, readDepths } from "./depth.ts";

export interface DepthReaderOptions {
  url: string;
  partitions: number;
  /** how long one reading may take, in milliseconds */
  timeoutMs: number;
}

export type DepthReader = ReturnType<typeof openDepthReader>;

/** Reads the depths of the queues on demand, over a kept connection of its own. */
export function openDepthReader({ url, partitions, timeoutMs }: DepthReaderOptions) {
  const queues = Array.from({ length: partitions }, (_, index) => queueNames.partition(index));
  let channel: Channel | undefined;

  async function setup(model: ChannelModel, drop: () => void): Promise<void> {
    const fresh = await model.createChannel();
    fresh.on("error", () => {}); // a failure shows in the readings
    fresh.on("close", () => {
      channel = undefined;
      drop();
    });
    channel = fresh;
  }

  const connection = keepConnected({ url, setup });

  return {
    readyWithin: connection.readyWithin,

    /** Each partition and `lectern.dead`; undefined if the broker does not answer in time. */
    async read(): Promise<QueueDepth[] | undefined> {
      if (!channel) return undefined;
      const late = Promise.withResolvers<undefined>();
      const timer = setTimeout(late.resolve, timeoutMs, undefined);
      const reading = readDepths(channel, [...queues, queueNames.dead]).catch(() => undefined);
      return await Promise.race([reading, late.promise]).finally(() => clearTimeout(timer));
    },

    close: connection.close,
  };
}
