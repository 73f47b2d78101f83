import pino from "pino";
import { openRedis } from "../../../../admission/redis.ts";
import { openDatabase } from "../../../../database/pool.ts";
import { openZooKeeper } from "../../../../pending/session.ts";
import { openConsumer } from "../../../../queue/consumer.ts";
import { systemClock } from "../../../../runtime/clock/clock.ts";
import { handleBatch } from "../../../../worker/batch.ts";
import type { WorkerDeps } from "../../../../worker/deps.ts";
import type { Servers } from "../leftovers.ts";

export interface WorkerServers extends Servers {
  mysqlUrl: string;
  redis: { url: string; token: string };
  batchCommands: number;
}

/**
 * Processes this many commands, assembled as in worker/main.ts. Returns the commands per second,
 * from the first delivery to the last verdict.
 */
export async function consumeOurs(servers: WorkerServers, count: number): Promise<number> {
  const { rabbitmqUrl, zooKeeperUrl, mysqlUrl, redis, partitions, batchCommands } = servers;
  const zooKeeper = openZooKeeper({
    servers: zooKeeperUrl,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: 5_000,
    maxInFlight: 500,
  });
  if (!(await zooKeeper.connectedWithin(10_000))) throw new Error("ZooKeeper does not answer");
  const deps: WorkerDeps = {
    database: openDatabase({ url: mysqlUrl, connections: partitions + 2, acquireTimeoutMs: 5_000 }),
    redis: openRedis({ ...redis, timeoutMs: 5_000 }),
    zooKeeper,
    log: pino({ level: "error" }),
    now: Date.now,
    clock: systemClock,
    stopping: new AbortController().signal,
  };
  const finished = Promise.withResolvers<number>();
  let startedAtMs = 0;
  let left = count;
  const consumer = openConsumer({
    url: rabbitmqUrl,
    partitions,
    prefetch: 2 * batchCommands,
    maxBatch: batchCommands,
    drainTimeoutMs: 10_000,
    async handle(deliveries) {
      startedAtMs ||= performance.now();
      const verdicts = await handleBatch(deps, deliveries);
      left -= verdicts.length;
      if (left <= 0) finished.resolve(performance.now() - startedAtMs);
      return verdicts;
    },
    onTrouble: finished.reject,
  });
  try {
    return (1_000 * count) / (await finished.promise);
  } finally {
    await consumer.close();
    await zooKeeper.close();
    await deps.database.close();
  }
}
