import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { readReservation } from "../origin-answers.ts";
import { findOwnClaim } from "../own-claim.ts";
import { ridOfPath } from "../path-ids.ts";
import { applyWait } from "../prefer.ts";
import { problem, retryAfter } from "../problem.ts";
import { NOT_STORED, pendingReservation } from "../reservation-answers.ts";
import { answerUnavailable } from "../unavailable.ts";

/** GET /api/reservations/:id: how the user's own reservation stands; with `Prefer: wait=N` once it is decided. */
export function reservation({ redis, origin }: Pick<EdgeDeps, "redis" | "origin">) {
  return async (c: EdgeContext): Promise<Response> => {
    const rid = ridOfPath(c);
    const userId = c.var.session.sub;
    const query = { rid, userId, waitMs: applyWait(c), requestId: c.var.requestId };
    const answer = await readReservation(origin, query);
    if (answer.outcome === "answered") return c.json(answer.value, 200, statusHeaders(answer.value.status));
    if (answer.outcome === "unknown") return answerUnavailable(c, "reservation", answer.error);
    if (answer.code !== "reservation_not_found") return problem(c, "unavailable");
    try {
      if (!(await findOwnClaim(redis, userId, rid))) return problem(c, "reservation_not_found");
    } catch (error) {
      return answerUnavailable(c, "own claim", error);
    }
    return c.json(pendingReservation(rid), 200, statusHeaders("pending"));
  };
}

function statusHeaders(status: string): Record<string, string> {
  return status === "pending" ? { ...NOT_STORED, "Retry-After": retryAfter(0) } : NOT_STORED;
}
