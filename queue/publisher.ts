import type { ChannelModel, ConfirmChannel } from "amqplib";
import { type Command, writeCommand } from "../contract/command.ts";
import { queueNames } from "../contract/names.ts";
import { TRACEPARENT } from "../contract/trace-parent.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { keepConnected } from "./connection.ts";
import { declareTopology } from "./topology.ts";
import { writesTogether } from "./writes-together.ts";

export interface PublisherOptions {
  url: string;
  partitions: number;
  /** the most messages sent and not yet confirmed; about 1,000 */
  maxInFlight: number;
  /** how long a publish waits for its confirm before its outcome is `unknown` */
  confirmTimeoutMs: number;
  onTrouble?: (error: unknown) => void;
}

/**
 * The outcome of publishing a command:
 * - `queued`: the broker holds it durably;
 * - `unroutable`: the broker has no queue for it; it is not queued;
 * - `full`: too many messages are in flight; nothing was sent;
 * - `unavailable`: no connection, or the broker takes nothing for now (memory or disk alarm);
 *   nothing was sent;
 * - `unknown`: it was sent; then no confirm came, the connection was lost, or the broker sent a
 *   nack. A nack says that a replica failed, not where the message is. It may be queued; publishing
 *   it again is safe.
 */
export type PublishOutcome = "queued" | "unroutable" | "full" | "unavailable" | "unknown";

export type Publisher = ReturnType<typeof openPublisher>;

interface InFlight {
  dueMs: number;
  returned: boolean;
  /** Resolves with `unknown` now; the message counts as in flight until its confirm. */
  giveUp(): void;
}

/**
 * Publishes commands from this call on, over a connection of its own, each persistent, mandatory
 * and confirmed. A message is in flight until its confirm or its channel's end, even past its
 * timeout. A broker that withholds confirms soon gets no more messages.
 */
export function openPublisher(options: PublisherOptions) {
  const inFlight = new Map<string, InFlight>();
  let channel: ConfirmChannel | undefined;
  let blocked = false;
  let published = 0;
  let closing = false;
  /** messages in flight that were not given up, oldest first */
  const awaited = new Set<InFlight>();
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let writeTogether = () => {};

  async function setup(model: ChannelModel, drop: () => void): Promise<void> {
    blocked = false;
    model.on("blocked", () => {
      blocked = true;
      // An alarm lasts longer than any wait for a confirm.
      for (const message of inFlight.values()) message.giveUp();
    });
    model.on("unblocked", () => {
      blocked = false;
    });
    const fresh = await model.createConfirmChannel();
    fresh.on("error", (error) => options.onTrouble?.(error));
    fresh.on("close", () => {
      channel = undefined;
      drop();
    });
    // The return of an unroutable message precedes its confirm.
    fresh.on("return", ({ properties }) => {
      const message = inFlight.get(properties.correlationId);
      if (message) message.returned = true;
    });
    await declareTopology(fresh, options);
    writeTogether = writesTogether(model);
    channel = fresh;
  }

  const connection = keepConnected({ url: options.url, setup, onTrouble: options.onTrouble });

  /**
   * Publishes one command; see PublishOutcome. Resolves within the confirm timeout and never
   * rejects.
   *
   * @param traceParent the command's trace, if it is recorded
   */
  function publish(command: Command, traceParent?: string): Promise<PublishOutcome> {
    if (!channel || blocked || closing) return Promise.resolve("unavailable");
    if (inFlight.size >= options.maxInFlight) return Promise.resolve("full");
    return send(channel, command, traceParent);
  }

  function send(
    channel: ConfirmChannel,
    command: Command,
    traceParent: string | undefined,
  ): Promise<PublishOutcome> {
    published += 1;
    const id = String(published);
    return new Promise((resolve) => {
      const message: InFlight = {
        dueMs: performance.now() + options.confirmTimeoutMs,
        returned: false,
        giveUp() {
          awaited.delete(message);
          resolve("unknown");
        },
      };
      const settle = (outcome: PublishOutcome) => {
        awaited.delete(message);
        inFlight.delete(id);
        resolve(outcome);
      };
      inFlight.set(id, message);
      awaited.add(message);
      watchdog ??= setTimeout(giveUpOverdue, options.confirmTimeoutMs);
      try {
        writeTogether();
        channel.publish(
          queueNames.commands,
          command.lectureId,
          Buffer.from(writeCommand(command)),
          propertiesOf(command, id, traceParent),
          (failure: unknown) =>
            settle(failure ? "unknown" : message.returned ? "unroutable" : "queued"),
        );
        crashPoint("queue.sent");
      } catch {
        settle("unavailable");
      }
    });
  }

  /** All messages have the same timeout, so one timer, for the oldest, watches all of them. */
  function giveUpOverdue(): void {
    watchdog = undefined;
    const nowMs = performance.now();
    for (const message of awaited) {
      if (message.dueMs > nowMs) {
        watchdog = setTimeout(giveUpOverdue, message.dueMs - nowMs);
        return;
      }
      message.giveUp();
    }
  }

  return {
    publish,

    /** Whether a publish would be sent now, unless too many are in flight: for readiness. */
    ready: () => connection.ready() && !blocked,

    readyWithin: connection.readyWithin,

    /**
     * Whether the broker is there and takes nothing: an alarm, or so many withheld confirms that no
     * more may be sent.
     */
    isClosed: () => blocked || inFlight.size >= options.maxInFlight,

    /** Waits for outstanding confirms, at most the confirm timeout, then ends the connection. */
    async close(): Promise<void> {
      closing = true;
      const startedMs = performance.now();
      while (inFlight.size > 0 && performance.now() - startedMs < options.confirmTimeoutMs)
        await Bun.sleep(5);
      await connection.close();
      clearTimeout(watchdog);
    },
  };
}

function propertiesOf(command: Command, correlationId: string, traceParent: string | undefined) {
  return {
    persistent: true,
    mandatory: true,
    contentType: "application/json",
    messageId: command.rid,
    type: command.kind,
    timestamp: Math.floor(Date.now() / 1000),
    correlationId,
    ...(traceParent !== undefined && { headers: { [TRACEPARENT]: traceParent } }),
  };
}
