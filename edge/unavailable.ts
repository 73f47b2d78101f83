import { requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import type { NotPassed } from "./limits.ts";
import { logFailure } from "./log.ts";
import { problem } from "./problem.ts";
import { problemOf } from "./refusal.ts";

/**
 * 503: a part behind the edge did not answer, and nothing can replace its answer. `what` is a short
 * fixed name for the log.
 */
export function answerUnavailable(c: EdgeContext, what: string, error: unknown): Response {
  logFailure("degraded", what, requestIdOf(c), error);
  return problem(c, "unavailable");
}

/** Answers a request that found a bucket without a token, or that could not ask the buckets. */
export function answerLimited(c: EdgeContext, limit: NotPassed): Response {
  if (limit.outcome === "unknown") return answerUnavailable(c, "limits", limit.error);
  return problem(c, ...problemOf(limit));
}
