import type { Handler } from "./context.ts";
import type { EdgeDeps } from "./deps.ts";
import { problem } from "./problem.ts";

/**
 * Puts a handler that only reads behind its address' bucket of reads. The bucket is this isolate's or process' own: to ask Redis for a token would
 * cost as much as what most reads ask of it, and lectures are read while Redis is away. What a read may give away is no seat, so that an address
 * that comes by several isolates reads more than one is no harm.
 */
export function limitReads({
  reads,
  addressOf,
}: Pick<EdgeDeps, "reads" | "addressOf">): (handle: Handler) => Handler {
  return (handle) => (c) => {
    const address = addressOf(c);
    const waitMs = reads.waitMs(address);
    if (waitMs > 0) return problem(c, "rate_limited", { retryAfterMs: waitMs });
    reads.take(address);
    return handle(c);
  };
}
