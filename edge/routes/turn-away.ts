import type { Session } from "../../contract/session.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import type { KnownRefusal } from "../known-refusals.ts";
import type { EdgeMetrics } from "../metrics.ts";
import { problem } from "../problem.ts";

/**
 * Stands before all else: where a lecture is known to turn everybody away just now, a signed-in student who asks for a seat is told so
 * here, which costs no token, no Redis and no place among the requests being worked on. Most of a rush ends here, so nothing is looked at
 * that would not change the answer, as the body, the query or a preference, and nobody waits who need not: a session that is known is there at
 * once.
 *
 * @param goOn answers whoever is not turned away
 */
export function turnAway(
  { knownRefusals, readSession, metrics }: Pick<EdgeDeps, "knownRefusals" | "readSession" | "metrics">,
  goOn: (c: EdgeContext) => Response | Promise<Response>,
) {
  function answer(c: EdgeContext, session: Session | undefined): Response | Promise<Response> {
    if (!session) return goOn(c);
    const [lectureId, userId] = [c.req.param("id") ?? "", session.sub];
    const known = knownRefusals.of({ lectureId, userId, key: () => c.req.header("Idempotency-Key") });
    if (!known) return goOn(c);
    if (metrics) countRefusal(metrics, known);
    return answerRefusal(c, known);
  }

  return (c: EdgeContext): Response | Promise<Response> => {
    if (!knownRefusals.has(c.req.param("id") ?? "")) return goOn(c);
    const session = readSession(c);
    return session instanceof Promise ? session.then((read) => answer(c, read)) : answer(c, session);
  };
}

/** Nothing stands around this that would count the answer. */
function countRefusal({ refused }: EdgeMetrics, { outcome }: KnownRefusal): void {
  refused[outcome].fromMemory.value += 1;
  refused[outcome].answered.value += 1;
}

/** What everybody is told alike, by Redis or from memory. */
export function answerRefusal(c: EdgeContext, refusal: KnownRefusal): Response {
  if (refusal.outcome === "sold_out") return problem(c, "sold_out");
  const { opensInMs } = refusal;
  return problem(c, "not_open", { retryAfterMs: opensInMs, members: { opensInMs } });
}
