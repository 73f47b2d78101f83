import type { QueueDepth } from "../queue/depth.ts";

/** The state of the whole system at one moment. */
export interface Survey {
  /** by the worker's clock, in Unix milliseconds */
  atMs: number;
  /** undecided claims */
  held: number;
  /** age of the oldest undecided claim in milliseconds, 0 where there is none */
  oldestHeldMs: number;
  confirmed: { redis: number; mysql: number };
  /**
   * seats by which Redis and MySQL differ, of lectures without a decision since the survey before
   */
  driftSeats: number;
  /** empty where the broker did not answer */
  queues: QueueDepth[];
}
