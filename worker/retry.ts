import { backoffMs } from "../runtime/clock/backoff.ts";
import type { Clock } from "../runtime/clock/clock.ts";

export interface RetryOptions {
  /** limit of the first wait; the limit of each next wait is twice as long */
  firstWaitMs: number;
  maxWaitMs: number;
  /** when failing work is given up, in milliseconds; never where left out */
  giveUpAfterMs?: number;
  /** whether the same work may succeed later */
  mayRetry: (error: unknown) => boolean;
  /** called with each failure that is tried again */
  onRetry: (error: unknown, attempt: number) => void;
  /** ends the retries with the last error */
  signal: AbortSignal;
  clock: Clock;
}

/**
 * Does `work` until it succeeds. Waits have full jitter: a random time up to a limit that doubles
 * (Marc Brooker, "Exponential Backoff and Jitter", AWS 2015). Throws the last error when `mayRetry`
 * is false, time is up or the signal fires.
 */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal } = options;
  const backoff = { firstMs: options.firstWaitMs, maxMs: options.maxWaitMs };
  const startedAtMs = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const overtime =
        clock.monotonicMs() - startedAtMs > (options.giveUpAfterMs ?? Number.POSITIVE_INFINITY);
      if (overtime || signal.aborted || !options.mayRetry(error)) throw error;
      options.onRetry(error, attempt);
      await clock.sleep(backoffMs(attempt - 1, backoff, clock), signal);
    }
  }
}
