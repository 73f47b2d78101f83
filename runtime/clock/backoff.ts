import type { Clock } from "./clock.ts";

/** The limits of a growing wait, in milliseconds. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/**
 * How long to wait after an attempt, counted from 0, in milliseconds. The wait has full jitter: a
 * random time up to a limit that doubles with each attempt. Processes then do not retry in step.
 */
export function backoffMs(
  attempt: number,
  { firstMs, maxMs }: Backoff,
  dice: Pick<Clock, "random">,
): number {
  return dice.random() * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 10));
}
