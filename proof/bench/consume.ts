import { type ConsumerOptions, openConsumer } from "../../queue/consumer.ts";
import type { Broker } from "./system.ts";

const PATIENCE_MS = 120_000;

/**
 * Consumes this many commands with the real consumer. Returns the commands per second, from the
 * first delivery to the last verdict.
 */
export async function consumeAll(
  broker: Broker,
  { count, maxBatch }: { count: number; maxBatch: number },
  handle: ConsumerOptions["handle"],
): Promise<number> {
  const finished = Promise.withResolvers<number>();
  const late = () => finished.reject(new Error("the commands do not come"));
  const timer = setTimeout(late, PATIENCE_MS);
  let startedAtMs = 0;
  let left = count;
  const consumer = openConsumer({
    ...broker,
    prefetch: 2 * maxBatch,
    maxBatch,
    drainTimeoutMs: 10_000,
    async handle(...given) {
      startedAtMs ||= performance.now();
      const verdicts = await handle(...given);
      left -= verdicts.length;
      if (left <= 0) finished.resolve(performance.now() - startedAtMs);
      return verdicts;
    },
    onTrouble: finished.reject,
  });
  try {
    return (1_000 * count) / (await finished.promise);
  } finally {
    clearTimeout(timer);
    await consumer.close();
  }
}
