import { CSV_TYPE } from "../contract/csv-files.ts";
import { answer, NOT_STORED, requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { readRefusal, unexpected } from "./origin-answers.ts";
import type { Origin } from "./origin-client.ts";
import { languageOf, problem } from "./problem.ts";
import { answerUnavailable } from "./unavailable.ts";

/** Whether the client takes a CSV file rather than JSON. */
export function wantsCsv(c: EdgeContext): boolean {
  return /(?:^|,)\s*text\/csv\s*(?:[;,]|$)/i.test(c.req.header("accept") ?? "");
}

/**
 * Passes a CSV file of the origin on as it comes, for as long as the client reads. Its header is in
 * the reader's language.
 *
 * @param path of the origin, with a query
 */
export async function passFile(
  c: EdgeContext,
  origin: Origin,
  path: string,
  name: string,
): Promise<Response> {
  const requestId = requestIdOf(c);
  const language = languageOf(c);
  try {
    const request = { method: "GET" as const, path: `${path}&language=${language}`, requestId };
    const heard = await origin.follow(request);
    // The length of a file shows only when it was read.
    const isHead = c.req.method === "HEAD";
    if (isHead) await heard.body?.cancel();
    if (heard.status === 200)
      return answer(c, 200, isHead ? null : (heard.body ?? ""), {
        ...NOT_STORED,
        "Content-Type": `${CSV_TYPE}; charset=utf-8; header=present`,
        "Content-Disposition": `attachment; filename="${name}.csv"`,
        "Content-Language": language,
        Vary: "Accept, Accept-Language",
      });
    const refusal = await readRefusal(heard);
    if (refusal) return problem(c, refusal.code);
    return answerUnavailable(c, "file", unexpected(heard));
  } catch (error) {
    return answerUnavailable(c, "file", error);
  }
}
