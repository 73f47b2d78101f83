import { setTimeout as sleep } from "node:timers/promises";

/**
 * The passing of time and the random numbers for waits and retries. Callers pass it in, so that a
 * simulation can pass its own. The time of day is separate: decisions record it.
 */
export interface Clock {
  /** monotonic milliseconds since an arbitrary moment */
  monotonicMs(): number;
  /** Resolves after `waitMs` milliseconds, or at once when the signal fires. Never rejects. */
  sleep(waitMs: number, signal?: AbortSignal): Promise<void>;
  /** from 0 to below 1 */
  random(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  sleep: (waitMs, signal) => sleep(waitMs, undefined, signal && { signal }).catch(() => {}),
  random: Math.random,
};
