import type { LectureId } from "../contract/ids.ts";
import { Lecture } from "../contract/lecture.ts";
import { requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import type { EdgeDeps } from "./deps.ts";
import type { LimitAnswer } from "./limits.ts";
import { logFailure } from "./log.ts";
import type { LongOver } from "./long-over.ts";
import { askFor } from "./origin-answers.ts";
import { problem } from "./problem.ts";

/** 503: a part behind the edge did not answer, and nothing can be said in its place. `what` is a short fixed name for the log. */
export function answerUnavailable(c: EdgeContext, what: string, error: unknown): Response {
  logFailure("degraded", what, requestIdOf(c), error);
  return problem(c, "unavailable");
}

/** The answer to a request that found no token in its buckets, or buckets that could not be asked. */
export function answerLimited(c: EdgeContext, limit: Exclude<LimitAnswer, { outcome: "passed" }>): Response {
  if (limit.outcome === "unknown") return answerUnavailable(c, "limits", limit.error);
  return problem(c, "rate_limited", { retryAfterMs: limit.retryAfterMs });
}

/** Why Redis does not know a lecture. */
export type NotLoaded = LongOver | { code: "lecture_not_found" | "not_ready" };

/**
 * Finds out why Redis does not know the lecture: it is long over, there is no such lecture, or it
 * is yet to be loaded. What cannot be found out counts as yet to be loaded.
 */
export async function whyNotLoaded(
  c: EdgeContext,
  { origin, longOver }: Pick<EdgeDeps, "origin" | "longOver">,
  lectureId: LectureId,
): Promise<NotLoaded> {
  const known = longOver.of(lectureId);
  if (known) return known;
  const requestId = requestIdOf(c);
  const answer = await askFor(Lecture, origin, { method: "GET", path: `/lectures/${lectureId}`, requestId });
  if (answer.outcome === "answered") return longOver.learn(answer.value) ?? { code: "not_ready" };
  if (answer.outcome === "refused" && answer.code === "lecture_not_found") return { code: answer.code };
  if (answer.outcome === "unknown") logFailure("degraded", "lecture", requestId, answer.error);
  return { code: "not_ready" };
}
