import type { WorkerDeps } from "./deps.ts";

/**
 * The clock of one batch, in Unix milliseconds. It starts at the wall clock's time and goes on with
 * monotonic time. So no decision of the batch looks older than the batch, whatever sets the wall
 * clock.
 */
export function steadyTime({ now, clock }: Pick<WorkerDeps, "now" | "clock">): () => number {
  const startedAtMs = now();
  const startedMs = clock.monotonicMs();
  return () => startedAtMs + Math.floor(clock.monotonicMs() - startedMs);
}
