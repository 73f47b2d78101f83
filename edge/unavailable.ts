import type { LectureId } from "../contract/ids.ts";
import { Lecture } from "../contract/lecture.ts";
import { requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import type { LimitAnswer } from "./limits.ts";
import { logFailure } from "./log.ts";
import { askFor } from "./origin-answers.ts";
import type { Origin } from "./origin-client.ts";
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

/** Redis does not know the lecture: 404 when the origin does not either, else 503 until it is loaded. */
export async function answerNotLoaded(
  c: EdgeContext,
  origin: Origin,
  lectureId: LectureId,
): Promise<Response> {
  const requestId = requestIdOf(c);
  const answer = await askFor(Lecture, origin, { method: "GET", path: `/lectures/${lectureId}`, requestId });
  if (answer.outcome === "refused" && answer.code === "lecture_not_found")
    return problem(c, "lecture_not_found");
  if (answer.outcome === "unknown") logFailure("degraded", "lecture", requestId, answer.error);
  return problem(c, "not_ready");
}
