import { setTimeout as sleep } from "node:timers/promises";

/**
 * How time passes and dice fall for whatever waits or retries. It is handed in, so that a simulation can hand in its own; what o'clock
 * it is, is a question of its own, since it is written into decisions.
 */
export interface Clock {
  /** time since some moment, in milliseconds; never goes back */
  monotonicMs(): number;
  /** Resolves after `waitMs` milliseconds, or at once when the signal fires. Never rejects. */
  sleep(waitMs: number, signal?: AbortSignal): Promise<void>;
  /** from 0 to below 1 */
  random(): number;
}

/** The machine's own. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  sleep: (waitMs, signal) => sleep(waitMs, undefined, signal && { signal }).catch(() => {}),
  random: Math.random,
};
