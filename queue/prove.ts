import { type ConfirmChannel, connect, type SocketOptions } from "amqplib";
import { queueNames } from "../contract/names.ts";

export interface ProveOptions {
  url: string;
  /** how long it may take, in milliseconds */
  timeoutMs: number;
  /** what else is asked of the broker on the way, with the proof still to come */
  first?: (channel: ConfirmChannel) => Promise<unknown>;
}

/** The queue goes when nobody has asked for so long. */
const EXPIRES_MS = 600_000;

/**
 * Has the broker take a message as it takes a command: on a quorum queue, persistent, confirmed. A broker whose write-ahead log is
 * dead still lets everybody in. Rejects with what the broker said, or with an Error when it says nothing in time.
 */
export async function proveBroker({ url, timeoutMs, first }: ProveOptions): Promise<void> {
  const socket = new AbortController();
  const late = Promise.withResolvers<never>();
  const said: Error[] = [];
  const deadline = setTimeout(() => {
    late.reject(new Error(`it confirmed no message within ${timeoutMs / 1_000} s`));
  }, timeoutMs);
  try {
    await Promise.race([prove(url, socket.signal, said, first), late.promise]);
  } catch (error) {
    // What the broker said of a channel is told before the calls on it fail.
    throw said[0] ?? error;
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}

async function prove(
  url: string,
  signal: AbortSignal,
  said: Error[],
  first: ProveOptions["first"],
): Promise<void> {
  const socketOptions: SocketOptions & { signal: AbortSignal } = { noDelay: true, signal };
  const model = await connect(url, socketOptions);
  const onError = (error: Error) => void said.push(error);
  model.on("error", onError);
  const channel = await model.createConfirmChannel();
  channel.on("error", onError);
  await first?.(channel);
  await channel.assertQueue(queueNames.probe, { durable: true, arguments: probeArguments });
  await confirmed(channel);
  const closed = new Promise((resolve) => model.once("close", resolve));
  model.close().catch(() => {});
  await closed;
}

function confirmed(channel: ConfirmChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    const onConfirm = (failure: unknown) =>
      failure ? reject(new Error("it did not keep a message")) : resolve();
    channel.sendToQueue(queueNames.probe, Buffer.from("probe"), { persistent: true }, onConfirm);
  });
}

const probeArguments = {
  "x-queue-type": "quorum",
  // Nobody reads it: the newest probe is kept, and the queue itself as long as somebody asks.
  "x-max-length": 1,
  "x-expires": EXPIRES_MS,
};
