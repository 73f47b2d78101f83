import { prepareCommands } from "../../commands.ts";
import { consumeAll } from "../../consume.ts";
import { secondsOf } from "../../figures.ts";
import { metered } from "../../processes.ts";
import type { Partitions } from "../../system.ts";
import type { Bench } from "../bench.ts";
import { publishAll } from "../load/backlog.ts";

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
const MANY = 64;

export async function measureQueue(bench: Bench): Promise<Queue> {
  await bench.system.stopWorker();
  return { one: await measure(bench, 1, 1), many: await measure(bench, 4, MANY) };
}

async function measure(
  { system }: Bench,
  partitions: Partitions,
  lectures: number,
): Promise<QueueRate> {
  const broker = system.brokerOf(partitions);
  const lectureIds = Array.from({ length: lectures }, (_, at) => String(at + 1));
  const commands = prepareCommands(lectureIds, COMMANDS);
  const { result, cpu } = await metered(system, async () => ({
    publishedPerS: Math.round(COMMANDS / (await secondsOf(() => publishAll(broker, commands)))),
    consumedPerS: Math.round(
      await consumeAll(broker, { count: COMMANDS, maxBatch: 500 }, async (deliveries) =>
        deliveries.map(() => "ack" as const),
      ),
    ),
  }));
  return { ...result, brokerCpuUs: Math.round((cpu.parts.rabbitmq * 1_000) / COMMANDS) };
}
