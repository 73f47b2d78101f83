import { connect } from "amqplib";
import { queueNames } from "../../../contract/names.ts";
import { inParallel } from "../../../pending/in-parallel.ts";
import { listPendingPaths } from "../../../pending/read.ts";
import { declareTopology } from "../../../queue/topology.ts";
import type { StackEnvironment } from "../../../stack/environment.ts";
import { chunksOf } from "../chunks.ts";
import { zooKeeperOf } from "../servers.ts";

const NODES_PER_MULTI = 100;
const MULTIS_AT_A_TIME = 8;

export type Leftovers = Awaited<ReturnType<typeof openLeftovers>>;

/**
 * Clears a round's leftovers from the queues, which it declares if missing, and from ZooKeeper. The
 * next round then meets the same state.
 */
export async function openLeftovers(environment: StackEnvironment) {
  const partitions = Number(environment.PARTITIONS);
  const connection = await connect(environment.RABBITMQ_URL);
  const channel = await connection.createConfirmChannel();
  await declareTopology(channel, { partitions });
  const session = await zooKeeperOf(environment);

  return {
    channel,
    session,

    /** Empties every partition's queue and removes every pending node. */
    async clear(): Promise<void> {
      for (let index = 0; index < partitions; index += 1)
        await channel.purgeQueue(queueNames.partition(index));
      const chunks = chunksOf(await listPendingPaths(session), NODES_PER_MULTI);
      await inParallel(chunks, MULTIS_AT_A_TIME, session.removeAll);
    },

    async close(): Promise<void> {
      await Promise.all([connection.close(), session.close()]);
    },
  };
}
