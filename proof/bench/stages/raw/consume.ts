import { connect } from "amqplib";
import { queueNames } from "../../../../contract/names.ts";
import type { StackEnvironment } from "../../../../stack/environment.ts";

const ACKED_TOGETHER = 500;

/**
 * The library alone: one channel per partition, acknowledged by the batch. Returns the messages
 * consumed per second.
 */
export async function consumeBare(
  { RABBITMQ_URL, PARTITIONS }: StackEnvironment,
  count: number,
): Promise<number> {
  const connection = await connect(RABBITMQ_URL, { noDelay: true });
  const finished = Promise.withResolvers<number>();
  let startedAtMs = 0;
  let left = count;
  for (let index = 0; index < Number(PARTITIONS); index += 1) {
    const channel = await connection.createChannel();
    await channel.prefetch(2 * ACKED_TOGETHER);
    let unacked = 0;
    await channel.consume(queueNames.partition(index), (message) => {
      if (!message) return finished.reject(new Error("the broker has cancelled the consumer"));
      startedAtMs ||= performance.now();
      unacked += 1;
      left -= 1;
      if (unacked < ACKED_TOGETHER && left > 0) return;
      channel.ack(message, true);
      unacked = 0;
      if (left === 0) finished.resolve(performance.now() - startedAtMs);
    });
  }
  const tookMs = await finished.promise;
  await connection.close();
  return (1_000 * count) / tookMs;
}
