import { requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import type { EdgeDeps } from "./deps.ts";
import type { Question } from "./kept-question.ts";
import type { Reading, ReadSource } from "./kept-reads.ts";
import { logFailure } from "./log.ts";
import { cameOverTls } from "./over-tls.ts";
import { problem } from "./problem.ts";
import { answerUnavailable } from "./unavailable.ts";

/** Answers a route from what is kept, or from the answer of the server behind. */
export function answerKept(
  { keptReads, metrics }: Pick<EdgeDeps, "keptReads" | "metrics">,
  questionOf: (c: EdgeContext) => Question,
) {
  return async (c: EdgeContext): Promise<Response> => {
    const asker = { requestId: requestIdOf(c), outlive: c.env?.outlive };
    const question = questionOf(c);
    const reading = await keptReads.read(question, asker);
    if (metrics) metrics.reads.of(question.of, sourceOf(reading)).value += 1;
    switch (reading.outcome) {
      case "kept": {
        const { kept, from } = reading;
        const nowMs = keptReads.now();
        const ageS =
          from === "stale" ? Math.floor((nowMs - keptReads.trueAtMs(kept)) / 1_000) : undefined;
        if (from === "stale") logFailure("degraded", question.of, asker.requestId, STALE);
        return kept.answer.respond({
          requestId: asker.requestId,
          isOverTls: cameOverTls(c),
          headers: c.req.raw.headers,
          nowMs,
          ageS,
        });
      }
      case "refused":
        return problem(c, reading.code);
      case "failed":
        if (reading.code) return problem(c, reading.code);
        return answerUnavailable(c, question.of, reading.error);
      default:
        return reading satisfies never;
    }
  };
}

const STALE = new Error("no answer came, and the last one known was given");

function sourceOf(reading: Reading): ReadSource {
  return reading.outcome === "failed" ? "none" : reading.from;
}
