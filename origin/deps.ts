import type { Logger } from "pino";
import type { LectureCache } from "../catalogue/cache/lecture-cache.ts";
import type { LectureWrites } from "../catalogue/cache/writing-lecture.ts";
import type { Replicas } from "../catalogue/replicas.ts";
import type { Command } from "../contract/command.ts";
import type { Rid } from "../contract/ids.ts";
import type { Keyring } from "../contract/keyring.ts";
import type { StudentNumberCase } from "../contract/student-number.ts";
import type { Database } from "../database/pool.ts";
import type { createPendingNodes } from "../pending/create.ts";
import type { pendingWatches } from "../pending/watch.ts";
import type { Publisher } from "../queue/publisher.ts";
import type { TellLeftOut } from "../runtime/telemetry/left-out.ts";
import type { Tracing } from "../runtime/telemetry/tracing.ts";
import type { OriginConfig } from "./config.ts";
import type { Gate } from "./gate.ts";
import type { LateNodes } from "./late-nodes.ts";
import type { OriginMetrics } from "./metrics.ts";

/**
 * Bounds the work done at once. Queueing a command asks ZooKeeper and RabbitMQ; reading asks
 * ZooKeeper and MySQL.
 */
export interface Gates {
  commands: Gate;
  reads: Gate;
}

/**
 * The parts that the origin's routes work with. main.ts builds them once, with a breaker around
 * each server.
 */
export interface OriginDeps {
  /** the booking schema: decisions and terms, read alone */
  database: Database;
  /** the catalogue's primary */
  catalogue: Database;
  /** replicas of the catalogue, for reads that may be a moment old */
  replicas: Replicas;
  /** one lecture at a time, from Redis or the catalogue */
  lectures: LectureCache;
  /** every write of a lecture goes through it: see writingLecture */
  lectureWrites: LectureWrites;
  /** called with every lecture that makes no sense */
  tellLeftOut: TellLeftOut;
  people: Database;
  /** the undecided command of a rid */
  findPendingNode: (rid: Rid) => Promise<Command | undefined>;
  /** the undecided amendment of a rid */
  findPendingAmendment: (rid: Rid) => Promise<Command | undefined>;
  createPendingNode: ReturnType<typeof createPendingNodes>;
  lateNodes: LateNodes;
  watches: ReturnType<typeof pendingWatches>;
  publisher: Publisher;
  gates: Gates;
  log: Logger;
  /** counts; without it nothing is counted */
  metrics?: OriginMetrics | undefined;
  /** traces; without it nothing is traced */
  tracing?: Tracing | undefined;
  edgeKeys: Keyring;
  sessionKeys: Keyring;
  sessionMinutes: number;
  demoLogin: boolean;
  /** how the letters of student numbers are kept */
  studentNumberCase: StudentNumberCase;
  /** about a seat at the hours of another seat */
  overlaps: OriginConfig["OVERLAPS"];
  /** the campus' time zone, as `Asia/Shanghai` */
  timeZone: string;
  maxStreams: number;
  /** Unix milliseconds */
  now: () => number;
  /** fires when the origin is asked to stop: open streams end */
  stopping: AbortSignal;
}
