import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { refusalOf, unexpected } from "../origin-answers.ts";
import { findOwnClaim } from "../own-claim.ts";
import { ridOfPath } from "../path-ids.ts";
import { problem } from "../problem.ts";
import { pendingReservation } from "../reservation-answers.ts";
import { answerUnavailable } from "../unavailable.ts";

/** GET /api/reservations/:id/events: the origin's event stream, passed on as it comes. It ends when either side leaves. */
export function reservationEvents({ redis, origin }: Pick<EdgeDeps, "redis" | "origin">) {
  return async (c: EdgeContext): Promise<Response> => {
    if (c.req.method === "HEAD") return problem(c, "method_not_allowed", { headers: { Allow: "GET" } });
    const rid = ridOfPath(c);
    const userId = c.var.session.sub;
    const path = `/reservations/${rid}/events?user=${userId}`;
    try {
      const answer = await origin.follow({ method: "GET", path, requestId: c.var.requestId });
      if (answer.status === 200) return c.body(answer.body ?? "", 200, STREAM);
      const refusal = await refusalOf(answer);
      if (!refusal) return answerUnavailable(c, "events", unexpected(answer));
      if (refusal.code !== "reservation_not_found") return problem(c, refusal.code);
      if (!(await findOwnClaim(redis, userId, rid))) return problem(c, "reservation_not_found");
      return c.body(comeBack(rid), 200, STREAM);
    } catch (error) {
      return answerUnavailable(c, "events", error);
    }
  };
}

const STREAM = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" };

/** The origin has not heard of the claim yet: what is known is said, and the browser connects again after two seconds. */
function comeBack(rid: string): string {
  return `retry: 2000\nevent: status\ndata: ${JSON.stringify(pendingReservation(rid))}\n\n`;
}
