import { createLectureCache, type LectureCache } from "../catalogue/cache/lecture-cache.ts";
import type { CacheRedis } from "../catalogue/cache/store.ts";
import { REPLICA_WITHIN_MS, type Replicas, readVersion } from "../catalogue/replicas.ts";
import type { Database } from "../database/pool.ts";
import type { Clock } from "../runtime/clock/clock.ts";
import type { TellLeftOut } from "../runtime/telemetry/left-out.ts";
import { type Deadline, deadlineIn } from "./deadline.ts";
import type { Gate } from "./gate.ts";
import { readLecture } from "./lectures.ts";
import type { OriginMetrics } from "./metrics.ts";

/** A replica that does not answer leaves time to ask the primary. */
export function shortDeadline(deadline: Deadline): Deadline {
  return deadlineIn(Math.min(REPLICA_WITHIN_MS, deadline.leftMs()));
}

/** How long a lecture may take to be read, in milliseconds: several requests share the reading. */
const READ_WITHIN_MS = 6_000;

export interface CachedLecturesOptions {
  redis: CacheRedis;
  catalogue: Database;
  replicas: Replicas;
  /** bounds the reads of MySQL at once; nothing but MySQL has to wait there */
  gate: Gate;
  clock: Clock;
  name: string;
  tellLeftOut: TellLeftOut;
  metrics?: OriginMetrics | undefined;
}

/** The cache of one lecture, before the catalogue and its replicas. */
export function cachedLectures(options: CachedLecturesOptions): LectureCache {
  const { redis, catalogue, replicas, gate, clock, name, tellLeftOut, metrics } = options;
  return createLectureCache({
    redis,
    clock,
    name,
    counts: metrics?.cache,
    readCatalogue: (id, atLeast) => {
      const deadline = deadlineIn(READ_WITHIN_MS);
      const from = { replicas, primary: catalogue };
      const read = (database: Database) => {
        const isPrimary = database === catalogue;
        metrics?.readAt(isPrimary ? "primary" : "replica");
        const within = isPrimary ? deadline : shortDeadline(deadline);
        return readLecture({ catalogue: database, tellLeftOut }, id, within);
      };
      return gate.run(() => readVersion(from, atLeast, read), deadline);
    },
  });
}
