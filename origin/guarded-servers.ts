import type { Logger } from "pino";
import type { Command } from "../contract/command.ts";
import type { Rid } from "../contract/ids.ts";
import type { Database } from "../database/pool.ts";
import type { Schema } from "../database/schemas.ts";
import { createPendingNodes } from "../pending/create.ts";
import { findPending } from "../pending/read.ts";
import { removePendingNodes } from "../pending/remove.ts";
import type { ZooKeeperSession } from "../pending/session.ts";
import { pendingWatches } from "../pending/watch.ts";
import type { Publisher } from "../queue/publisher.ts";
import type { BreakerMetrics } from "../runtime/metrics/breakers.ts";
import { breakerOf, guardDatabase, guardPublisher, guardZooKeeper } from "./breakers.ts";
import type { OriginDeps } from "./deps.ts";
import { createLateNodes } from "./late-nodes.ts";

/** The clients of the servers behind the origin. */
export interface Servers {
  zooKeeper: ZooKeeperSession;
  publisher: Publisher;
  databases: Record<Schema, Database>;
}

export interface GuardOptions {
  log: Logger;
  /** counts the openings of the breakers */
  breakers?: BreakerMetrics | undefined;
  /** the most reservations watched at once */
  maxWatches: number;
  /** fires when the origin is asked to stop */
  stopping: AbortSignal;
}

/** The servers as the routes use them. */
export type GuardedServers = Pick<
  OriginDeps,
  | "database"
  | "catalogue"
  | "people"
  | "publisher"
  | "watches"
  | "createPendingNode"
  | "findPendingNode"
  | "lateNodes"
>;

/**
 * Puts one breaker around each server. Watches go without a breaker: a wait ends at its timeout.
 */
export function guardServers(
  { zooKeeper, publisher, databases }: Servers,
  { log, breakers, maxWatches, stopping }: GuardOptions,
): GuardedServers {
  const ofZooKeeper = breakerOf("zookeeper", log, breakers);
  const guarded = (schema: Schema) =>
    guardDatabase(databases[schema], breakerOf(`mysql_${schema}`, log, breakers));
  const database = guarded("booking");
  return {
    database,
    catalogue: guarded("catalogue"),
    people: guarded("people"),
    publisher: guardPublisher(publisher, breakerOf("rabbitmq", log, breakers)),
    watches: pendingWatches(zooKeeper, { maxWatches }),
    createPendingNode: guardZooKeeper(createPendingNodes(zooKeeper), ofZooKeeper),
    findPendingNode: guardZooKeeper((rid: Rid) => findPending(zooKeeper, rid), ofZooKeeper),
    lateNodes: createLateNodes({
      database,
      removePendingNodes: guardZooKeeper(
        (commands: Command[]) => removePendingNodes(zooKeeper, commands),
        ofZooKeeper,
      ),
      connectedWithin: zooKeeper.connectedWithin,
      log,
      stopping,
    }),
  };
}
