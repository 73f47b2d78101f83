import type { QueueDepth } from "../queue/depth.ts";

/** How the whole stood at one moment. */
export interface Survey {
  /** by the worker's clock */
  atMs: number;
  /** claims that are not decided */
  held: number;
  /** the age of the oldest of them, 0 where there is none */
  oldestHeldMs: number;
  confirmed: { redis: number; mysql: number };
  /** seats by which Redis and MySQL differ about lectures that have stood still since the survey before */
  driftSeats: number;
  /** nothing where the broker did not tell */
  queues: QueueDepth[];
}
