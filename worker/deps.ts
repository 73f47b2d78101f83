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

/** What the worker's steps work with; main.ts builds it once. */
export interface WorkerDeps {
  database: Database;
  redis: AdmissionRedis;
  zooKeeper: ZooKeeperSession;
  log: Logger;
  /** what is counted; nothing without it */
  metrics?: WorkerMetrics | undefined;
  /** what is traced; nothing without it */
  tracing?: Tracing | undefined;
  /** the time of a decision, in Unix milliseconds */
  now: () => number;
  /** by which waits and retries go */
  clock: Clock;
  /** fires when the worker is asked to stop: waits and retries end, what is not acknowledged comes again */
  stopping: AbortSignal;
}

/** What the loader works with besides. */
export interface LoaderDeps extends WorkerDeps {
  /** what other loaders know this process by: no other process has the same */
  loader: string;
  /** whether this worker leads; asked right before each act */
  leads: () => boolean;
  /** how much of a lecture is loaded in one step; the usual sizes where left out */
  loadSizes?: LoadSizes & { decisions: number };
}

/** What the sweeper works with besides. */
export interface SweeperDeps extends LoaderDeps {
  createPendingNode: ReturnType<typeof createPendingNodes>;
  publisher: Pick<Publisher, "publish">;
  /** told of a command that is queued again for the second time: its queue may have no consumer */
  onStrayed?: () => void;
}
