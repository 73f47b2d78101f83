import type { ConfirmChannel, ConsumeMessage } from "amqplib";
import { noCase } from "../contract/no-case.ts";
import { backoffMs } from "../runtime/clock/backoff.ts";
import { type Clock, systemClock } from "../runtime/clock/clock.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { type Delivery, deliveryOf } from "./delivery.ts";
import { sendToEnd } from "./send-to-end.ts";

/**
 * The verdict on a message:
 * - `ack` takes it off the queue;
 * - `requeue` has it delivered again, in its old place, and counts as one failed delivery;
 * - `dead` sends it to `lectern.dead`, and takes a message of `lectern.dead` itself off for good;
 * - `later` sends it to the end of its queue, as if it had never been delivered;
 * - `suspect` does the same, and the next delivery reports how often this happened.
 */
export type Verdict = "ack" | "requeue" | "dead" | "later" | "suspect";

/** Whether the queue pauses after a verdict, since its cause has to go away first. */
const PAUSES: Readonly<Record<Verdict, boolean>> = {
  ack: false,
  requeue: true,
  dead: false,
  later: true,
  suspect: false,
};

/**
 * Decides on a batch: one verdict for each delivery, in their order. An error requeues the whole
 * batch, and the broker counts a failed delivery of each message. While the infrastructure is at
 * fault, wait inside the handler. The handler has to end on its own; until then its queue handles
 * nothing else.
 */
export type Handle = (deliveries: Delivery[], queue: string) => Promise<Verdict[]>;

export interface BatchOptions {
  queue: string;
  maxBatch: number;
  handle: Handle;
  /** the longest pause after a batch with a `requeue` or a `later`; five seconds by default */
  maxBackoffMs?: number;
  /** the machine's clock by default */
  clock?: Clock;
  onTrouble?: (error: unknown) => void;
}

/**
 * The least time between the starts of two batches, in milliseconds, unless the second is full.
 * Messages that arrive meanwhile share the cost of a batch: a transaction, a settling and a
 * `multi`. A lone message never waits for it.
 */
const PACE_MS = 50;

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;

/**
 * Hands the deliveries of one queue to the handler, one batch strictly after another, also across
 * channels. A batch holds the deliveries that are there when it begins, at most `maxBatch`. If a
 * channel is gone, its verdicts and deliveries are dropped: the broker delivers those messages
 * again.
 */
export function batchesOf(options: BatchOptions) {
  const { queue, maxBatch, handle, onTrouble } = options;
  const { maxBackoffMs = MAX_BACKOFF_MS, clock = systemClock } = options;
  const backoff = { firstMs: FIRST_BACKOFF_MS, maxMs: maxBackoffMs };
  const stopping = new AbortController();
  /** the pause before a batch that is not full; the delivery that fills the batch ends it */
  let pause: AbortController | undefined;
  let source: { channel: ConfirmChannel; delivered: ConsumeMessage[] } | undefined;
  let working: Promise<void> | undefined;
  let failures = 0;
  let nextMs = 0;

  /** Takes deliveries from this channel from now on; gives the function that receives them. */
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
    await undefined; // messages of the same packet belong to the batch
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
      failures = verdicts.some((verdict) => PAUSES[verdict]) ? failures + 1 : 0;
      if (failures > 0) await clock.sleep(backoffMs(failures, backoff, clock), stopping.signal);
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

    /** Begins no further batch; resolves when the running batch is settled. */
    async stop(): Promise<void> {
      stopping.abort();
      pause?.abort();
      await working;
    },
  };
}

/**
 * Settles with one frame for each run of equal verdicts. A frame covers all unsettled messages up
 * to its own, and none before the batch is unsettled.
 */
async function settle(
  channel: ConfirmChannel,
  queue: string,
  batch: ConsumeMessage[],
  verdicts: Verdict[],
): Promise<void> {
  try {
    for (const [index, verdict] of verdicts.entries()) {
      const message = batch[index] as ConsumeMessage;
      switch (verdict) {
        case "later":
        case "suspect":
          // The copy comes first: a crash in between leaves two messages, and never none.
          if (await sendToEnd(channel, queue, message, verdict)) channel.ack(message, true);
          else channel.nack(message, true, true);
          break;
        case "ack":
          if (verdict !== verdicts[index + 1]) channel.ack(message, true);
          break;
        case "requeue":
        case "dead":
          if (verdict !== verdicts[index + 1]) channel.nack(message, true, verdict === "requeue");
          break;
        default:
          noCase(verdict);
      }
    }
  } catch {
    // The channel is gone: the broker delivers these messages again.
  }
}
