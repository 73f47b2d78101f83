// Reaches into amqplib: the socket under a connection, and the turn in which messages reach it.
import type { Duplex } from "node:stream";
import type { ChannelModel } from "amqplib";

/** The socket under a connection, which the library's types leave out. */
export function socketOf(model: ChannelModel): Duplex {
  return (model.connection as unknown as { stream: Duplex }).stream;
}

/**
 * Calls `then` once the messages published in this turn are written to the socket. The library
 * writes them in the immediate after the publish.
 */
export function afterWriting(then: () => void): void {
  setImmediate(() => setImmediate(then));
}
