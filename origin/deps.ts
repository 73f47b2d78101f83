import type { Logger } from "pino";
import type { Keyring } from "../contract/keyring.ts";
import type { Database } from "../database/pool.ts";
import type { createPendingNodes } from "../pending/create.ts";
import type { ZooKeeperSession } from "../pending/session.ts";
import type { pendingWatches } from "../pending/watch.ts";
import type { Publisher } from "../queue/publisher.ts";

/** What the origin's routes work with; main.ts builds it once. */
export interface OriginDeps {
  database: Database;
  zooKeeper: ZooKeeperSession;
  createPendingNode: ReturnType<typeof createPendingNodes>;
  watches: ReturnType<typeof pendingWatches>;
  publisher: Publisher;
  log: Logger;
  edgeKeys: Keyring;
  sessionKeys: Keyring;
  sessionMinutes: number;
  demoLogin: boolean;
  maxStreams: number;
  /** Unix milliseconds */
  now: () => number;
  /** fires when the origin is asked to stop: open streams end */
  stopping: AbortSignal;
}
