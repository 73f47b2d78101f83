import type { Handler } from "./context.ts";
import type { EdgeDeps } from "./deps.ts";
import { limitedFor } from "./limits.ts";
import { problem } from "./problem.ts";
import { problemOf } from "./refusal.ts";

/**
 * Puts a read handler behind the read bucket of the client's address. Only this isolate or process
 * counts it. A token of Redis would cost as much as most reads, and lectures are read while Redis
 * is away. A client that reaches several isolates may read more; that takes no seat.
 */
export function limitReads({
  reads,
  addressOf,
}: Pick<EdgeDeps, "reads" | "addressOf">): (handle: Handler) => Handler {
  return (handle) => (c) => {
    const address = addressOf(c);
    const waitMs = reads.waitMs(address);
    if (waitMs > 0) return problem(c, ...problemOf(limitedFor(waitMs)));
    reads.take(address);
    return handle(c);
  };
}
