import type { Logger } from "pino";
import type { LoadSizes } from "../admission/load.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import type { Database } from "../database/pool.ts";
import type { createPendingNodes } from "../pending/create.ts";
import type { ZooKeeperSession } from "../pending/session.ts";
import type { Publisher } from "../queue/publisher.ts";
import type { Clock } from "../runtime/clock/clock.ts";
import type { Tracing } from "../runtime/telemetry/tracing.ts";
import type { WorkerMetrics } from "./metrics.ts";

/** Dependencies of the worker's steps; main.ts builds them once. */
export interface WorkerDeps {
  database: Database;
  redis: AdmissionRedis;
  zooKeeper: ZooKeeperSession;
  log: Logger;
  /** counts nothing where left out */
  metrics?: WorkerMetrics | undefined;
  /** traces nothing where left out */
  tracing?: Tracing | undefined;
  /** the time of a decision, in Unix milliseconds */
  now: () => number;
  /** measures waits and retries */
  clock: Clock;
  /** fires when the worker must stop: waits and retries end, unacknowledged commands come again */
  stopping: AbortSignal;
}

/** Dependencies of the loader. */
export interface LoaderDeps extends WorkerDeps {
  /** this process's name among the loaders, unique to it */
  loader: string;
  /** whether this worker leads; called right before each act */
  leads: () => boolean;
  /** how much of a lecture one step loads; the usual sizes where left out */
  loadSizes?: LoadSizes & { decisions: number };
}

/** Dependencies of the sweeper. */
export interface SweeperDeps extends LoaderDeps {
  createPendingNode: ReturnType<typeof createPendingNodes>;
  publisher: Pick<Publisher, "publish">;
  /** called when a command is queued again for the second time: its queue may have no consumer */
  onStrayed?: () => void;
}
