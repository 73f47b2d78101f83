import type { EdgeContext } from "./context.ts";
import { refusalOf, unexpected } from "./origin-answers.ts";
import type { Origin } from "./origin-client.ts";
import { problem } from "./problem.ts";
import { answerUnavailable } from "./unavailable.ts";

/** Lectures change seldom and are read by everybody; after this a changed one is seen at the latest. */
const FRESH = "public, max-age=5";

/**
 * Passes a read of lectures on to the origin and its answer back, with the ETag both ways, so that a client that has it
 * gets a 304.
 */
export async function passLectures(c: EdgeContext, origin: Origin, path: string): Promise<Response> {
  const known = c.req.header("If-None-Match");
  const { requestId } = c.var;
  try {
    const headers = known === undefined ? {} : { "If-None-Match": known };
    const answer = await origin.ask({ method: "GET", path, requestId, headers });
    const { status, body } = answer;
    if (status === 200)
      return c.body(body ?? "", 200, { ...freshness(answer), "Content-Type": "application/json" });
    if (status === 304) return c.body(null, 304, freshness(answer));
    const refusal = await refusalOf(answer);
    if (refusal) return problem(c, refusal.code);
    return answerUnavailable(c, "lectures", unexpected(answer));
  } catch (error) {
    return answerUnavailable(c, "lectures", error);
  }
}

function freshness(answer: Response): Record<string, string> {
  const etag = answer.headers.get("ETag");
  return { "Cache-Control": FRESH, ...(etag && { ETag: etag }) };
}
