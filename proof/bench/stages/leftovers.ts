import { connect } from "amqplib";
import { queueNames } from "../../../contract/names.ts";
import { inParallel } from "../../../pending/in-parallel.ts";
import { listPendingPaths } from "../../../pending/read.ts";
import { openZooKeeper } from "../../../pending/session.ts";
import { declareTopology } from "../../../queue/topology.ts";

export interface Servers {
  rabbitmqUrl: string;
  zooKeeperUrl: string;
  partitions: number;
}

const NODES_PER_MULTI = 100;
const MULTIS_AT_A_TIME = 8;

/**
 * Clears a round's leftovers from the queues, which it declares if missing, and from ZooKeeper. The
 * next round then meets the same state.
 */
export async function openLeftovers({ rabbitmqUrl, zooKeeperUrl, partitions }: Servers) {
  const connection = await connect(rabbitmqUrl);
  const channel = await connection.createChannel();
  await declareTopology(channel, { partitions });
  const session = openZooKeeper({
    servers: zooKeeperUrl,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: 10_000,
    maxInFlight: 500,
  });
  if (!(await session.connectedWithin(10_000))) throw new Error("ZooKeeper does not answer");

  return {
    /** Empties every partition's queue and removes every pending node. */
    async clear(): Promise<void> {
      for (let index = 0; index < partitions; index += 1)
        await channel.purgeQueue(queueNames.partition(index));
      const paths = await listPendingPaths(session);
      const chunks = Array.from({ length: Math.ceil(paths.length / NODES_PER_MULTI) }, (_, index) =>
        paths.slice(index * NODES_PER_MULTI, (index + 1) * NODES_PER_MULTI),
      );
      await inParallel(chunks, MULTIS_AT_A_TIME, session.removeAll);
    },

    async close(): Promise<void> {
      await Promise.all([connection.close(), session.close()]);
    },
  };
}
