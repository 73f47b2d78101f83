import { type ConfirmChannel, connect, type SocketOptions } from "amqplib";
import { queueNames } from "../contract/names.ts";

export interface ProveOptions {
  url: string;
  /** how long the proof may take, in milliseconds */
  timeoutMs: number;
  /** work on the same channel, done before the proof */
  first?: (channel: ConfirmChannel) => Promise<unknown>;
}

/** The probe queue expires after this long without a proof, in milliseconds. */
const EXPIRES_MS = 600_000;

/**
 * Has the broker take a message like a command: on a quorum queue, persistent, confirmed. A broker
 * whose write-ahead log is dead still accepts connections. Rejects with the broker's error, or with
 * an Error if the broker says nothing within `timeoutMs`.
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
    // The broker's own error comes before the calls on the channel fail.
    throw said[0] ?? error;
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}

/** The broker is not known to have kept the message. */
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

/** The longest time that a broker takes to give up a queue without a leader, in milliseconds. */
const RENEW_WITHIN_MS = 10_000;

let isRenewing = false;

/**
 * Removes the probe queue in the background; the next proof declares it again. A full disk may have
 * damaged this queue alone. If the broker itself takes nothing, the removal loses nothing.
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
  // Nothing consumes it: it keeps the newest probe, and expires when the proofs stop.
  "x-max-length": 1,
  "x-expires": EXPIRES_MS,
};
