import type { ConfirmChannel, ConsumeMessage } from "amqplib";
import { SUSPECTED } from "./delivery.ts";

/**
 * Publishes a copy of a message at the end of its queue; the copy of a `suspect` counts one more.
 * The caller still has to settle the original. Rejects if the channel is gone.
 *
 * @returns whether the broker confirmed that it holds the copy
 */
export function sendToEnd(
  channel: ConfirmChannel,
  queue: string,
  { content, properties }: ConsumeMessage,
  as: "later" | "suspect",
): Promise<boolean> {
  // The broker counts the deliveries of each copy separately.
  const { "x-delivery-count": _deliveries, ...headers } = properties.headers ?? {};
  if (as === "suspect") headers[SUSPECTED] = Number(headers[SUSPECTED] ?? 0) + 1;
  const { contentType, messageId, type, timestamp } = properties;
  const kept = { contentType, messageId, type, timestamp, headers, persistent: true };
  return new Promise((resolve) => {
    channel.sendToQueue(queue, content, kept, (failure: unknown) => resolve(!failure));
  });
}
