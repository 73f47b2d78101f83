/** Thrown in place of a call to a server that is known to be down; nothing was sent. */
export class BreakerOpen extends Error {
  override name = "BreakerOpen";
}

export interface BreakerOptions {
  /** the server's name, for the error */
  of: string;
  /** told when it opens and when it closes, once each */
  onChange?: (isOpen: boolean) => void;
  /** calls that must have failed one after the other before it opens */
  failuresMin?: number;
  /** and for how long none may have succeeded, in milliseconds: where some answers come, however late, the server is slow and not down */
  silenceMs?: number;
  /** while open, one call is let through this often to see whether the server is back, in milliseconds */
  probeEveryMs?: number;
  /** milliseconds that only grow */
  now?: () => number;
}

export interface Breaker {
  /** Whether a call may be made now. While open this is true for one caller in each probe interval. */
  admits(): boolean;
  /** A call was answered, with whatever: the server is there. Closes it. */
  succeeded(): void;
  /** A call got no answer, or one that only a server in trouble gives. */
  failed(): void;
  /**
   * What was let through showed nothing about the server: while open, the next caller may try in
   * its place.
   */
  spared(): void;
  isOpen(): boolean;
  /**
   * Runs a call if it may be made, and takes note of how it ends. Rejects with BreakerOpen where it may not, and with the call's own
   * error, of which `isOutage` tells whether it says that the server is down.
   */
  run<T>(call: () => Promise<T>, isOutage: (error: unknown) => boolean): Promise<T>;
}

/**
 * Keeps callers from waiting for a server that is down. It holds three numbers and nothing that could be waited for: no call in flight, no
 * promise, no timer. So a probe that hangs, or whose request a Worker ends halfway, holds up nobody: the next one goes in its turn, and
 * any answer that still comes closes the breaker.
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
  /** open while there is one */
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
