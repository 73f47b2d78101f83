/** Thrown in place of a call to a server that is down. Nothing was sent. */
export class BreakerOpen extends Error {
  override name = "BreakerOpen";
}

export interface BreakerOptions {
  /** the server's name, for the error */
  of: string;
  /** called once when the breaker opens, and once when it closes */
  onChange?: (isOpen: boolean) => void;
  /** consecutive failures before the breaker opens; 5 by default */
  failuresMin?: number;
  /**
   * how long no call may have succeeded before the breaker opens, in milliseconds; 1,000 by
   * default. A server with late answers is slow, not down
   */
  silenceMs?: number;
  /** how often an open breaker admits one probe, in milliseconds; 1,000 by default */
  probeEveryMs?: number;
  /** monotonic milliseconds */
  now?: () => number;
}

export interface Breaker {
  /**
   * Whether a call may be made now. While open this is true for one caller in each probe interval.
   */
  admits(): boolean;
  /** Reports any answer to a call: the server is there. Closes the breaker. */
  succeeded(): void;
  /** Reports a call without an answer, or with an answer that only a server in trouble gives. */
  failed(): void;
  /** Reports a call that showed nothing about the server. While open, the next caller may probe. */
  spared(): void;
  isOpen(): boolean;
  /**
   * Runs a call if it is admitted, and records its outcome. Rejects with BreakerOpen otherwise. A
   * call's own error is passed on; `isOutage` says whether it means that the server is down.
   */
  run<T>(call: () => Promise<T>, isOutage: (error: unknown) => boolean): Promise<T>;
}

/**
 * Keeps callers from waiting for a server that is down. The breaker holds three numbers, and no
 * call in flight, promise or timer. A hanging probe, or a request that a Worker ends halfway,
 * delays nobody. The next probe goes in its turn, and any late answer closes the breaker.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const {
    failuresMin = 5,
    silenceMs = 1_000,
    probeEveryMs = 1_000,
    now = () => performance.now(),
  } = options;
  let failuresInARow = 0;
  let succeededAtMs = Number.NEGATIVE_INFINITY;
  /** set while the breaker is open */
  let nextProbeAtMs: number | undefined;

  function admits(): boolean {
    if (nextProbeAtMs === undefined) return true;
    if (now() < nextProbeAtMs) return false;
    nextProbeAtMs = now() + probeEveryMs;
    return true;
  }

  function succeeded(): void {
    failuresInARow = 0;
    succeededAtMs = now();
    if (nextProbeAtMs === undefined) return;
    nextProbeAtMs = undefined;
    options.onChange?.(false);
  }

  function failed(): void {
    failuresInARow += 1;
    if (nextProbeAtMs !== undefined || failuresInARow < failuresMin) return;
    if (now() - succeededAtMs < silenceMs) return;
    nextProbeAtMs = now() + probeEveryMs;
    options.onChange?.(true);
  }

  function spared(): void {
    if (nextProbeAtMs !== undefined) nextProbeAtMs = now();
  }

  return {
    admits,
    succeeded,
    failed,
    spared,
    isOpen: () => nextProbeAtMs !== undefined,
    async run(call, isOutage) {
      if (!admits()) throw new BreakerOpen(`${options.of} is down`);
      try {
        const value = await call();
        succeeded();
        return value;
      } catch (error) {
        if (isOutage(error)) failed();
        else succeeded();
        throw error;
      }
    },
  };
}
