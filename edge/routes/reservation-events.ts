import { answer, NOT_STORED, requestIdOf } from "../answer.ts";
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
    const userId = c.get("session").sub;
    const path = `/reservations/${rid}/events?user=${userId}`;
    try {
      const heard = await origin.follow({ method: "GET", path, requestId: requestIdOf(c) });
      if (heard.status === 200) return answer(c, 200, heard.body ?? "", STREAM);
      const refusal = await refusalOf(heard);
      if (!refusal) return answerUnavailable(c, "events", unexpected(heard));
      if (refusal.code !== "reservation_not_found") return problem(c, refusal.code);
      if (!(await findOwnClaim(redis, userId, rid))) return problem(c, "reservation_not_found");
      return answer(c, 200, comeBack(rid), STREAM);
    } catch (error) {
      return answerUnavailable(c, "events", error);
    }
  };
}

const STREAM = { "Content-Type": "text/event-stream", ...NOT_STORED };

/** The origin has not heard of the claim yet: what is known is said, and the browser connects again after two seconds. */
function comeBack(rid: string): string {
  return `retry: 2000\nevent: status\ndata: ${JSON.stringify(pendingReservation(rid))}\n\n`;
}
