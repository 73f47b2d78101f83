import type { ConfirmChannel, ConsumeMessage, Options } from "amqplib";
import type { Command } from "../../../contract/command.ts";
import type { Rid } from "../../../contract/ids.ts";
import { queueNames } from "../../../contract/names.ts";
import { noCase } from "../../../contract/no-case.ts";
import { SUSPECTED } from "../../../queue/delivery.ts";
import type { PublishOutcome } from "../../../queue/publisher.ts";
import type { Kernel, Process } from "../kernel.ts";

export interface Message {
  content: Buffer;
  deliveryCount: number;
  diedOf?: "rejected" | "delivery_limit";
  suspected?: number;
  /** for inspection */
  rid: Rid;
  kind: Command["kind"];
}

/** The receiver of a queue's deliveries on a channel. */
export interface Subscriber {
  process: Process;
  takeFrom(channel: ConfirmChannel): (message: ConsumeMessage) => void;
  prefetch: number;
}

interface Consumer extends Subscriber {
  take(message: ConsumeMessage): void;
  close(): void;
  unsettled: Map<number, Message>;
  nextTag: number;
  /** frames on their way to the broker, in their order */
  frames: object[];
}

interface Queue {
  name: string;
  ready: Message[];
  consumers: Consumer[];
  /** only the first consumer receives messages */
  singleActive: boolean;
  /** a delivery is already under way */
  delivering: boolean;
}

type Verdict = "ack" | "requeue" | "dead";

/** Hears of a command that was a dead letter. */
type Listener = (kind: Command["kind"], rid: Rid) => void;

export interface BrokerOptions {
  partitions: number;
  /** failed deliveries after which a command is dead-lettered */
  deliveryLimit: number;
}

/**
 * A RabbitMQ broker with quorum queues of a single active consumer each. Delivery is at least once,
 * with a delivery count and dead letters. A publish may remain unconfirmed.
 */
export function createBroker(kernel: Kernel, { partitions, deliveryLimit }: BrokerOptions) {
  const dead = queueOf(queueNames.dead, false);
  const queues = Array.from({ length: partitions }, (_, at) =>
    queueOf(queueNames.partition(at), true),
  );
  const all = new Map([...queues, dead].map((queue) => [queue.name, queue]));
  let buried: Listener | undefined;
  let lost: Listener | undefined;
  /** the offset from a lecture to its queue; another number of partitions changes it */
  let shift = 0;

  function queueOf(name: string, singleActive: boolean): Queue {
    return { name, ready: [], consumers: [], singleActive, delivering: false };
  }

  function partitionOf({ lectureId }: Command): Queue {
    return queues[(Number(lectureId) + shift) % partitions] as Queue;
  }

  function receiverOf({ consumers, singleActive }: Queue): Consumer | undefined {
    const candidates = singleActive ? consumers.slice(0, 1) : consumers;
    const free = candidates.filter(({ unsettled, prefetch }) => unsettled.size < prefetch);
    return free.length > 1 ? kernel.pick(free) : free[0];
  }

  /** Starts a delivery if one is possible and none is under way. */
  function pump(queue: Queue): void {
    if (queue.delivering || queue.ready.length === 0) return;
    const consumer = receiverOf(queue);
    if (!consumer) return;
    queue.delivering = true;
    kernel.send(BROKER, {
      server: "broker",
      what: `deliver ${queue.name}`,
      effect: () => deliver(queue, consumer),
    });
  }

  function append(queue: Queue, message: Message): void {
    queue.ready.push(message);
    pump(queue);
  }

  /** Waiting messages travel together, up to a drawn number. */
  function deliver(queue: Queue, consumer: Consumer): void {
    queue.delivering = false;
    if (queue.consumers.includes(consumer)) {
      const room = consumer.prefetch - consumer.unsettled.size;
      const count = Math.min(room, queue.ready.length, 1 + Math.floor(kernel.random() * 4));
      for (const message of queue.ready.splice(0, count)) {
        const tag = consumer.nextTag++;
        consumer.unsettled.set(tag, message);
        consumer.take(asDelivered(message, tag));
      }
    }
    pump(queue);
  }

  /**
   * Returns messages to their place at the front. A message beyond the delivery limit is given up.
   */
  function takeBack(queue: Queue, messages: Message[]): void {
    const back: Message[] = [];
    for (const message of messages) {
      message.deliveryCount += 1;
      if (queue === dead) lost?.(message.kind, message.rid);
      if (queue !== dead && message.deliveryCount > deliveryLimit) bury(message, "delivery_limit");
      else back.push(message);
    }
    queue.ready.unshift(...back);
  }

  function bury(message: Message, diedOf: NonNullable<Message["diedOf"]>): void {
    append(dead, { ...message, deliveryCount: 0, diedOf });
  }

  function tellEnded(deadLetters: Message[]): void {
    for (const { kind, rid } of deadLetters) buried?.(kind, rid);
  }

  function settle(queue: Queue, consumer: Consumer, upTo: number, verdict: Verdict): void {
    const settled = [...consumer.unsettled].filter(([tag]) => tag <= upTo);
    for (const [tag] of settled) consumer.unsettled.delete(tag);
    const messages = settled.map(([, message]) => message);
    switch (verdict) {
      case "requeue":
        takeBack(queue, messages);
        break;
      case "dead":
        if (queue !== dead) for (const message of messages) bury(message, "rejected");
        else tellEnded(messages);
        break;
      case "ack":
        if (queue === dead) tellEnded(messages);
        break;
      default:
        noCase(verdict);
    }
    pump(queue);
  }

  function subscribe(name: string, subscriber: Subscriber): void {
    const queue = all.get(name) as Queue;
    const frame = (message: ConsumeMessage, verdict: Verdict) => {
      const { deliveryTag } = message.fields;
      const mine = {};
      consumer.frames.push(mine);
      kernel.send(subscriber.process, {
        server: "broker",
        what: verdict,
        detail: deliveryTag,
        blocked: () => consumer.frames[0] !== mine,
        effect() {
          consumer.frames.shift();
          if (queue.consumers.includes(consumer)) settle(queue, consumer, deliveryTag, verdict);
        },
      });
    };
    let closed: (() => void) | undefined;
    const channel = {
      once: (_event: string, listener: () => void) => {
        closed = listener;
      },
      sendToQueue: (
        _queue: string,
        content: Buffer,
        { headers }: Options.Publish,
        confirmed: (failure: unknown) => void,
      ) => sendCopy(subscriber.process, queue, { content, headers }, confirmed),
      ack: (message: ConsumeMessage) => frame(message, "ack"),
      nack: (message: ConsumeMessage, _upTo: boolean, again: boolean) =>
        frame(message, again ? "requeue" : "dead"),
    } as unknown as ConfirmChannel;
    const consumer: Consumer = {
      ...subscriber,
      take: subscriber.takeFrom(channel),
      close: () => closed?.(),
      unsettled: new Map(),
      nextTag: 1,
      frames: [],
    };
    queue.consumers.push(consumer);
    pump(queue);
  }

  /** Puts a consumer's copy of a message at the end of its queue. */
  function sendCopy(
    process: Process,
    queue: Queue,
    { content, headers }: { content: Buffer; headers: Record<string, unknown> },
    confirmed: (failure: unknown) => void,
  ): void {
    const { rid, kind } = JSON.parse(content.toString()) as Command;
    const { [SUSPECTED]: suspected, "x-first-death-reason": diedOf } = headers;
    const message = { content, deliveryCount: 0, rid, kind, suspected, diedOf } as Message;
    const sending = kernel.call(process, {
      server: "broker",
      what: "send to the end",
      detail: rid,
      effect: () => append(queue, message),
      lost: () => new Error("not confirmed"),
    });
    sending.then(() => confirmed(null), confirmed);
  }

  /** The channel ends: its unsettled deliveries return to the queue. */
  function unsubscribe(queue: Queue, consumer: Consumer): void {
    queue.consumers.splice(queue.consumers.indexOf(consumer), 1);
    takeBack(queue, [...consumer.unsettled.values()]);
    consumer.close();
    pump(queue);
  }

  /**
   * Ends the channels of a process. Returns the subscribers, so that the process can subscribe
   * again.
   */
  function disconnect(process: Process): { queue: string; subscriber: Subscriber }[] {
    const ended: { queue: string; subscriber: Subscriber }[] = [];
    for (const queue of all.values()) {
      for (const consumer of queue.consumers.filter((each) => each.process === process)) {
        unsubscribe(queue, consumer);
        const { takeFrom, prefetch } = consumer;
        ended.push({ queue: queue.name, subscriber: { process, takeFrom, prefetch } });
      }
    }
    return ended;
  }

  /** Resolves as the publisher of queue/publisher.ts does; never rejects. */
  function publish(process: Process, command: Command): Promise<PublishOutcome> {
    const { rid, kind } = command;
    const publishing = kernel.call(process, {
      server: "broker",
      what: "publish",
      detail: command,
      effect(): PublishOutcome {
        const content = Buffer.from(JSON.stringify(command));
        append(partitionOf(command), { content, deliveryCount: 0, rid, kind });
        return "queued";
      },
      lost: (): PublishOutcome => "unknown",
      refused: (): PublishOutcome => (kernel.random() < 0.5 ? "unavailable" : "unroutable"),
    });
    return publishing.catch((outcome: PublishOutcome) => outcome);
  }

  /** All messages in the queues and with consumers. */
  function messages(): Message[] {
    return [...all.values()].flatMap(({ ready, consumers }) => [
      ...ready,
      ...consumers.flatMap(({ unsettled }) => [...unsettled.values()]),
    ]);
  }

  return {
    publish,
    subscribe,
    disconnect,
    queues: [...all.values()] as readonly Queue[],

    /** Says whether a command of the rid is in a queue or with a consumer. */
    holds: (rid: string) => messages().some((message) => message.rid === rid),
    isEmpty: () => messages().length === 0,

    /** Calls the listener for every command that leaves the dead letters for good. */
    onBurial(listener: Listener): void {
      buried = listener;
    },

    /** Calls the listener for every dead letter whose consumer was lost before it settled it. */
    onLoss(listener: Listener): void {
      lost = listener;
    },

    /** From now on a lecture's commands go to another queue. */
    reroute(): void {
      shift += 1;
    },
  };
}

/** The broker itself never crashes here: a quorum queue survives the loss of single nodes. */
const BROKER: Process = { name: "broker", alive: true };

function asDelivered(
  { content, deliveryCount, diedOf, suspected }: Message,
  deliveryTag: number,
): ConsumeMessage {
  const headers = {
    "x-delivery-count": deliveryCount,
    ...(diedOf && { "x-first-death-reason": diedOf }),
    ...(suspected !== undefined && { [SUSPECTED]: suspected }),
  };
  const message = {
    content,
    fields: { deliveryTag, redelivered: deliveryCount > 0 },
    properties: { headers },
  };
  return message as unknown as ConsumeMessage;
}
