import { createMiddleware } from "hono/factory";
import { readWish } from "../claim-intent.ts";
import type { EdgeContext, EdgeEnv } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import type { KnownRefusal } from "../known-refusals.ts";
import { problem } from "../problem.ts";
import { tokenOf } from "../session.ts";

/**
 * Stands before all else: where a lecture is known to turn everybody away just now, a signed-in student who asks for a seat is told so
 * here, which costs no token, no Redis and no place among the requests being worked on. Most of a rush ends here, so nothing is looked at
 * that would not change the answer, as the body or the query.
 */
export function turnAway({ knownRefusals, readSession }: Pick<EdgeDeps, "knownRefusals" | "readSession">) {
  return createMiddleware<EdgeEnv>(async (c, next) => {
    if (!knownRefusals.has(c.req.param("id") ?? "")) return next();
    const token = tokenOf(c);
    const session = token && (await readSession(token));
    if (!session) return next();
    c.set("session", session);
    const known = knownRefusals.of(readWish(c));
    return known ? answerRefusal(c, known) : next();
  });
}

/** What everybody is told alike, by Redis or from memory. */
export function answerRefusal(c: EdgeContext, refusal: KnownRefusal): Response {
  if (refusal.outcome === "sold_out") return problem(c, "sold_out");
  const { opensInMs } = refusal;
  return problem(c, "not_open", { retryAfterMs: opensInMs, members: { opensInMs } });
}
