import type { WorkerDeps } from "./deps.ts";

/**
 * The clock of one batch, in Unix milliseconds. It starts at the wall clock's time and advances by
 * monotonic time. A wall clock set back cannot date a decision before its batch.
 */
export function steadyTime({ now, clock }: Pick<WorkerDeps, "now" | "clock">): () => number {
  const startedAtMs = now();
  const startedMs = clock.monotonicMs();
  return () => startedAtMs + Math.floor(clock.monotonicMs() - startedMs);
}
