import { openConsumer } from "../../../../queue/consumer.ts";
import type { StackEnvironment } from "../../../../stack/environment.ts";
import { handleBatch } from "../../../../worker/batch.ts";
import { openWorkerDeps } from "../../servers.ts";

/**
 * Processes this many commands, assembled as in worker/main.ts. Returns the commands per second,
 * from the first delivery to the last verdict.
 */
export async function consumeOurs(
  environment: StackEnvironment,
  { count, batchCommands }: { count: number; batchCommands: number },
): Promise<number> {
  const partitions = Number(environment.PARTITIONS);
  const { deps, close } = await openWorkerDeps(environment, { connections: partitions + 2 });
  const finished = Promise.withResolvers<number>();
  let startedAtMs = 0;
  let left = count;
  const consumer = openConsumer({
    url: environment.RABBITMQ_URL,
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
    await close();
  }
}
