import { answer, requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { readRefusal, unexpected } from "./origin-answers.ts";
import type { Origin } from "./origin-client.ts";
import { problem } from "./problem.ts";
import { answerUnavailable } from "./unavailable.ts";

/** Lectures change seldom and everybody reads them. A change is seen after 5 s at the latest. */
const FRESH = "public, max-age=5";

/**
 * Passes a read of lectures to the origin and the answer back. The ETag goes both ways: a client
 * with the current version gets 304.
 */
export async function passLectures(
  c: EdgeContext,
  origin: Origin,
  path: string,
): Promise<Response> {
  const known = c.req.header("if-none-match");
  const requestId = requestIdOf(c);
  try {
    const headers = known === undefined ? {} : { "If-None-Match": known };
    const heard = await origin.ask({ method: "GET", path, requestId, headers });
    const { status, body } = heard;
    if (status === 200)
      return answer(c, 200, body ?? "", {
        ...freshness(heard),
        "Content-Type": "application/json",
      });
    if (status === 304) return answer(c, 304, null, freshness(heard));
    const refusal = await readRefusal(heard);
    if (refusal) return problem(c, refusal.code);
    return answerUnavailable(c, "lectures", unexpected(heard));
  } catch (error) {
    return answerUnavailable(c, "lectures", error);
  }
}

function freshness({ headers }: Response): Record<string, string> {
  const etag = headers.get("etag");
  return { "Cache-Control": FRESH, ...(etag && { ETag: etag }) };
}
