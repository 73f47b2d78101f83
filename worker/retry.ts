import type { Clock } from "../runtime/clock/clock.ts";

export interface RetryOptions {
  /** the first wait is up to this long; each next one up to twice the one before */
  firstWaitMs: number;
  maxWaitMs: number;
  /** when work that keeps failing is given up; for ever where left out */
  giveUpAfterMs?: number;
  /** whether the same work may succeed later */
  mayRetry: (error: unknown) => boolean;
  /** told of each failure that is tried again */
  onRetry: (error: unknown, attempt: number) => void;
  /** ends the retrying with the last error */
  signal: AbortSignal;
  clock: Clock;
}

/**
 * Does `work` until it succeeds, waiting in between with full jitter: a random time up to a limit that doubles (Marc Brooker,
 * "Exponential Backoff and Jitter", AWS 2015). Throws the last error when it may not be retried, time is up or the signal fires.
 */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal } = options;
  const startedAtMs = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const overtime =
        clock.monotonicMs() - startedAtMs > (options.giveUpAfterMs ?? Number.POSITIVE_INFINITY);
      if (overtime || signal.aborted || !options.mayRetry(error)) throw error;
      options.onRetry(error, attempt);
      const limitMs = Math.min(options.maxWaitMs, options.firstWaitMs * 2 ** (attempt - 1));
      await clock.sleep(clock.random() * limitMs, signal);
    }
  }
}
