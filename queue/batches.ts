import type { ConfirmChannel, ConsumeMessage } from "amqplib";
import { type Clock, systemClock } from "../runtime/clock/clock.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { type Delivery, deliveryOf } from "./delivery.ts";
import { sendToEnd } from "./send-to-end.ts";

/**
 * What is to become of a message:
 * - `ack` takes it off the queue;
 * - `requeue` has it delivered again, in its old place, and counts as one failed delivery;
 * - `dead` sends it to `lectern.dead`, and takes a message of `lectern.dead` itself off for good;
 * - `later` sends it to the end of its queue, as if it had never been delivered;
 * - `suspect` does the same, and the next delivery tells how often it was done.
 */
export type Verdict = "ack" | "requeue" | "dead" | "later" | "suspect";

/** After one of these the queue pauses, since the reason has to go away first. */
const PAUSING: ReadonlySet<Verdict> = new Set(["requeue", "later"]);

/**
 * Decides on a batch: one verdict for each delivery, in their order. When it throws, all of them are requeued, which the
 * broker counts as one failed delivery of each: so while the fault is the infrastructure's, wait inside the handler.
 * It has to end on its own; nothing of its queue is handled before.
 */
export type Handle = (deliveries: Delivery[], queue: string) => Promise<Verdict[]>;

export interface BatchOptions {
  queue: string;
  maxBatch: number;
  handle: Handle;
  /** the longest pause after a batch with a `requeue` or a `later`; five seconds by default */
  maxBackoffMs?: number;
  /** the machine's own by default */
  clock?: Clock;
  onTrouble?: (error: unknown) => void;
}

/**
 * A batch that is not full begins at the earliest this long after the one before it, in milliseconds: what a batch costs, a transaction, a
 * settling and a `multi`, is shared by what came meanwhile. Who comes alone never waits for it, and nobody does once the batch is full.
 */
const PACE_MS = 50;

const FIRST_BACKOFF_MS = 100;
const DEFAULT_MAX_BACKOFF_MS = 5_000;

/**
 * Hands the deliveries of one queue to the handler, one batch strictly after another, also across channels: a batch is what was delivered
 * when the one before had ended. Verdicts for a channel that is gone are dropped, and so is what it had delivered: the broker
 * delivers that again.
 */
export function batchesOf(options: BatchOptions) {
  const { queue, maxBatch, handle, onTrouble } = options;
  const { maxBackoffMs = DEFAULT_MAX_BACKOFF_MS, clock = systemClock } = options;
  const stopping = new AbortController();
  /** of a batch that is not full; ended by the delivery that fills it */
  let pause: AbortController | undefined;
  let source: { channel: ConfirmChannel; delivered: ConsumeMessage[] } | undefined;
  let working: Promise<void> | undefined;
  let failures = 0;
  let nextMs = 0;

  /** Makes the channel the one to take from; gives the function that takes its deliveries. */
  function takeFrom(channel: ConfirmChannel): (message: ConsumeMessage) => void {
    const mine = { channel, delivered: [] as ConsumeMessage[] };
    source = mine;
    channel.once("close", () => {
      if (source === mine) source = undefined;
    });
    return (message) => {
      mine.delivered.push(message);
      if (mine.delivered.length >= maxBatch) pause?.abort();
      working ??= workOff();
    };
  }

  async function workOff(): Promise<void> {
    await undefined; // what came in the same packet belongs to the batch
    while (source && source.delivered.length > 0 && !stopping.signal.aborted) {
      const earlyMs = nextMs - clock.monotonicMs();
      if (earlyMs > 0 && source.delivered.length < maxBatch) {
        pause = new AbortController();
        await clock.sleep(earlyMs, pause.signal);
        continue;
      }
      nextMs = clock.monotonicMs() + PACE_MS;
      const { channel, delivered } = source;
      const batch = delivered.splice(0, maxBatch);
      const verdicts = await judge(batch);
      await settle(channel, queue, batch, verdicts);
      crashPoint("queue.acknowledged");
      failures = verdicts.some((verdict) => PAUSING.has(verdict)) ? failures + 1 : 0;
      if (failures > 0)
        await clock.sleep(clock.random() * backoffLimitMs(failures, maxBackoffMs), stopping.signal);
    }
    working = undefined;
  }

  async function judge(batch: ConsumeMessage[]): Promise<Verdict[]> {
    try {
      const verdicts = await handle(batch.map(deliveryOf), queue);
      if (verdicts.length === batch.length) return verdicts;
      throw new Error(`${verdicts.length} verdicts for ${batch.length} deliveries`);
    } catch (error) {
      onTrouble?.(error);
      return batch.map(() => "requeue");
    }
  }

  return {
    takeFrom,

    /** Begins no further batch; resolves when the running one is settled. */
    async stop(): Promise<void> {
      stopping.abort();
      pause?.abort();
      await working;
    },
  };
}

/**
 * Tells the broker, with one frame for each run of equal verdicts: a frame covers all that is unsettled up to its message,
 * and nothing before the batch is.
 */
async function settle(
  channel: ConfirmChannel,
  queue: string,
  batch: ConsumeMessage[],
  verdicts: Verdict[],
): Promise<void> {
  try {
    for (const [index, message] of batch.entries()) {
      let verdict = verdicts[index];
      // The copy comes first: a crash in between leaves two messages, and never none.
      if (verdict === "later" || verdict === "suspect")
        verdict = (await sendToEnd(channel, queue, message, verdict)) ? "ack" : "requeue";
      else if (verdict === verdicts[index + 1]) continue;
      if (verdict === "ack") channel.ack(message, true);
      else channel.nack(message, true, verdict === "requeue");
    }
  } catch {
    // The channel is gone, and with it every claim to these messages.
  }
}

/** The wait is a random time up to this one (full jitter), so that many queues do not come back in step. */
function backoffLimitMs(failures: number, maxBackoffMs: number): number {
  return Math.min(maxBackoffMs, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));
}
