import type { ReserveCommand } from "../../../../contract/command.ts";
import { inParallel } from "../../../../pending/in-parallel.ts";
import { openConsumer } from "../../../../queue/consumer.ts";
import { openPublisher } from "../../../../queue/publisher.ts";
import { wishMaker } from "../load/lectures.ts";
import type { Bench } from "../measurement.ts";
import { countCpu } from "../system/processes.ts";
import type { Broker, Partitions } from "../system/system.ts";

/**
 * Commands through the real publisher and consumer without further work: the capacity of the broker
 * and its clients.
 */
export interface QueueRate {
  publishedPerS: number;
  consumedPerS: number;
  /**
   * the broker's CPU for one command, published and consumed, in microseconds; the broker has
   * several threads
   */
  brokerCpuUs: number;
}

export interface Queue {
  /** one lecture: one partition, one consumer */
  one: QueueRate;
  /** many lectures on four partitions */
  many: QueueRate;
}

const COMMANDS = 40_000;
const IN_FLIGHT = 900;
const PATIENCE_MS = 60_000;
const MANY = 64;

export async function measureQueue(bench: Bench): Promise<Queue> {
  await bench.system.stopWorker();
  const ids = Array.from({ length: MANY }, (_, at) => String(at + 1));
  return { one: await measure(bench, 1, ids.slice(0, 1)), many: await measure(bench, 4, ids) };
}

async function measure(
  { system }: Bench,
  partitions: Partitions,
  lectureIds: string[],
): Promise<QueueRate> {
  const broker = system.brokerOf(partitions);
  const nextWish = wishMaker(lectureIds);
  const commands = Array.from({ length: COMMANDS }, () => ({
    kind: "reserve" as const,
    ...nextWish(),
    claimedAtMs: Date.now(),
  }));
  const counted = countCpu(system);
  const publishedPerS = await publishAll(broker, commands);
  const consumedPerS = await consumeAll(broker);
  const brokerCpuUs = Math.round((counted().parts.rabbitmq * 1_000) / COMMANDS);
  return { publishedPerS, consumedPerS, brokerCpuUs };
}

async function publishAll(broker: Broker, commands: ReserveCommand[]): Promise<number> {
  const publisher = openPublisher({ ...broker, maxInFlight: 1_000, confirmTimeoutMs: PATIENCE_MS });
  try {
    if (!(await publisher.readyWithin(PATIENCE_MS))) throw new Error("RabbitMQ does not answer");
    const startedMs = performance.now();
    await inParallel(commands, IN_FLIGHT, async (command) => {
      const outcome = await publisher.publish(command);
      if (outcome !== "queued") throw new Error(`a command was not queued but ${outcome}`);
    });
    return perSecond(startedMs);
  } finally {
    await publisher.close();
  }
}

/** From the first batch to the last. */
async function consumeAll(broker: Broker): Promise<number> {
  const all = Promise.withResolvers<void>();
  const timer = setTimeout(() => all.reject(new Error("the commands do not come")), PATIENCE_MS);
  let consumed = 0;
  let startedMs = 0;
  const consumer = openConsumer({
    ...broker,
    prefetch: 1_000,
    maxBatch: 500,
    drainTimeoutMs: PATIENCE_MS,
    handle: async (deliveries) => {
      if (consumed === 0) startedMs = performance.now();
      consumed += deliveries.length;
      if (consumed >= COMMANDS) all.resolve();
      return deliveries.map(() => "ack" as const);
    },
  });
  try {
    await all.promise;
    return perSecond(startedMs);
  } finally {
    clearTimeout(timer);
    await consumer.close();
  }
}

function perSecond(startedMs: number): number {
  return Math.round((COMMANDS * 1_000) / (performance.now() - startedMs));
}
