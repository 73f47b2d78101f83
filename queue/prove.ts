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
  const broker = { isBlocked: false };
  const deadline = setTimeout(() => {
    late.reject(new NotKept(`it confirmed no message within ${timeoutMs / 1_000} s`));
  }, timeoutMs);
  try {
    await Promise.race([prove(url, socket.signal, said, broker, first), late.promise]);
  } catch (error) {
    if (error instanceof NotKept && !broker.isBlocked) renewProbeQueue(url);
    // What the broker said of a channel is told before the calls on it fail.
    throw said[0] ?? error;
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}

/** The broker let us in, and the message is not known to be kept. */
class NotKept extends Error {}

async function prove(
  url: string,
  signal: AbortSignal,
  said: Error[],
  broker: { isBlocked: boolean },
  first: ProveOptions["first"],
): Promise<void> {
  const socketOptions: SocketOptions & { signal: AbortSignal } = { noDelay: true, signal };
  const model = await connect(url, socketOptions);
  const onError = (error: Error) => void said.push(error);
  model.on("error", onError);
  model.on("blocked", () => {
    broker.isBlocked = true;
  });
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
      failure ? reject(new NotKept("it did not keep a message")) : resolve();
    channel.sendToQueue(queueNames.probe, Buffer.from("probe"), { persistent: true }, onConfirm);
  });
}

/** How long a broker takes at most to give up a queue that has no leader any more, in milliseconds. */
const RENEW_WITHIN_MS = 10_000;

let isRenewing = false;

/**
 * Removes the probe queue, behind the caller's back: a disk that was full may have damaged it alone, and the next proof makes another.
 * Where it is the broker that takes nothing, nothing is lost by it.
 */
function renewProbeQueue(url: string): void {
  if (isRenewing) return;
  isRenewing = true;
  removeProbeQueue(url)
    .catch(() => {})
    .finally(() => {
      isRenewing = false;
    });
}

async function removeProbeQueue(url: string): Promise<void> {
  const socket = new AbortController();
  const deadline = setTimeout(() => socket.abort(), RENEW_WITHIN_MS);
  deadline.unref();
  const socketOptions: SocketOptions & { signal: AbortSignal } = {
    noDelay: true,
    signal: socket.signal,
  };
  try {
    const model = await connect(url, socketOptions);
    model.on("error", () => {});
    const channel = await model.createChannel();
    channel.on("error", () => {});
    await channel.deleteQueue(queueNames.probe);
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}

const probeArguments = {
  "x-queue-type": "quorum",
  // Nobody reads it: the newest probe is kept, and the queue itself as long as somebody asks.
  "x-max-length": 1,
  "x-expires": EXPIRES_MS,
};
