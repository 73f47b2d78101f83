import type { Command } from "../../contract/command.ts";
import type { Verdict } from "../../queue/batches.ts";
import { type ConsumerOptions, openConsumer } from "../../queue/consumer.ts";
import type { Delivery } from "../../queue/delivery.ts";
import { queueDepths } from "../../queue/depth.ts";
import { openPublisher } from "../../queue/publisher.ts";
import { onChannel, PARTITIONS, rabbitmqUrl, reserveOf } from "./broker.ts";
import { openWire, type Wire } from "./wire.ts";

type Consumer = ReturnType<typeof openConsumer>;

/** Opens consumers and wires that end together. */
export function testConsumers() {
  const opened: (Consumer | Wire)[] = [];

  return {
    /** A subscribed consumer of all partitions. A failed handler is tried again almost at once. */
    async openReady(
      options: Partial<ConsumerOptions> & Pick<ConsumerOptions, "handle">,
    ): Promise<Consumer> {
      const consumer = openConsumer({
        url: rabbitmqUrl(),
        partitions: PARTITIONS,
        prefetch: 200,
        maxBatch: 100,
        drainTimeoutMs: 5_000,
        maxBackoffMs: 20,
        ...options,
      });
      opened.push(consumer);
      if (!(await consumer.readyWithin(30_000))) throw new Error("the consumer is not subscribed");
      return consumer;
    },

    async breakableWire(): Promise<Wire> {
      const wire = await openWire(rabbitmqUrl());
      opened.push(wire);
      return wire;
    },

    async closeAll(): Promise<void> {
      for (const each of opened.splice(0).reverse()) await each.close();
    },
  };
}

export async function publishAll(commands: Command[]): Promise<void> {
  const publisher = openPublisher({
    url: rabbitmqUrl(),
    partitions: PARTITIONS,
    maxInFlight: commands.length,
    confirmTimeoutMs: 30_000,
  });
  await publisher.readyWithin(30_000);
  const outcomes = await Promise.all(commands.map((command) => publisher.publish(command)));
  await publisher.close();
  if (outcomes.some((outcome) => outcome !== "queued"))
    throw new Error(`not all were queued: ${new Set(outcomes)}`);
}

/** Puts a body into a queue that no publisher would send. */
export function put(queue: string, body: string): Promise<void> {
  return onChannel(async (channel) => {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
    await channel.close();
  });
}

export const depths = () =>
  queueDepths({ url: rabbitmqUrl(), partitions: PARTITIONS, timeoutMs: 20_000 });

export async function readyMessages(): Promise<number> {
  return (await depths()).reduce((sum, { ready }) => sum + ready, 0);
}

export const acks = (deliveries: Delivery[]): Verdict[] => deliveries.map(() => "ack");
export const ridOf = (delivery: Delivery) =>
  "command" in delivery ? delivery.command.rid : delivery.unreadable;

export function reservesOf(lectureId: string, count: number): Command[] {
  return Array.from({ length: count }, (_, index) => reserveOf(lectureId, `s${index}`));
}
