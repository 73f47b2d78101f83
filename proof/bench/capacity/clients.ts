import { createPendingNodes } from "../../../pending/create.ts";
import type { LectureDatabases } from "../../../stack/insert-lecture.ts";
import type { SweeperDeps } from "../../../worker/deps.ts";
import { openWorkerDeps, publisherOf } from "../servers.ts";
import type { BenchSystem } from "../system.ts";
import { type DirectRedis, openDirectRedis } from "./direct-redis.ts";

/**
 * The real clients of all servers, as the worker's steps use them, so that each step can be
 * measured alone; and Redis directly.
 */
export interface Clients extends SweeperDeps, LectureDatabases {
  direct: DirectRedis;
  close(): Promise<void>;
}

/** Opens the clients, and waits for the servers with lasting connections. */
export async function openClients({ environment, brokerOf }: BenchSystem): Promise<Clients> {
  const worker = await openWorkerDeps(environment, { connections: 8, maxInFlight: 2_000 });
  const publisher = await publisherOf(brokerOf(4));
  const direct = await openDirectRedis(environment["REDIS_URL"] ?? "");
  return {
    ...worker.deps,
    createPendingNode: createPendingNodes(worker.deps.zooKeeper, { maxWaiting: 1_000_000 }),
    publisher,
    loader: crypto.randomUUID(),
    leads: () => true,
    direct,
    async close() {
      await worker.close();
      await publisher.close();
      await direct.close();
    },
  };
}
