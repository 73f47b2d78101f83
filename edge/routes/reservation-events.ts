import { DecisionStatus } from "../../contract/reservation.ts";
import { answer, NOT_STORED, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { answerEvents } from "../event-stream.ts";
import { readRefusal, unexpected } from "../origin-answers.ts";
import { findOwnClaim } from "../own-claim.ts";
import { ridOfPath } from "../path-ids.ts";
import { problem } from "../problem.ts";
import { pendingReservation } from "../reservation-answers.ts";
import { answerUnavailable } from "../unavailable.ts";

/**
 * GET /api/reservations/:id/events: passes the origin's event stream on as it comes. The stream
 * ends when either side leaves. An event's id is its status. A client that returns with the current
 * decision gets 204, which ends a browser's EventSource.
 */
export function reservationEvents({ redis, origin }: Pick<EdgeDeps, "redis" | "origin">) {
  return async (c: EdgeContext): Promise<Response> => {
    if (c.req.method === "HEAD")
      return problem(c, "method_not_allowed", { headers: { Allow: "GET" } });
    const rid = ridOfPath(c);
    const userId = c.get("session").sub;
    const path = `/reservations/${rid}/events?user=${userId}${toldBefore(c)}`;
    try {
      const heard = await origin.follow({ method: "GET", path, requestId: requestIdOf(c) });
      if (heard.status === 200) return answerEvents(c, heard.body ?? "");
      if (heard.status === 204) return answer(c, 204, null, NOT_STORED);
      const refusal = await readRefusal(heard);
      if (!refusal) return answerUnavailable(c, "events", unexpected(heard));
      if (refusal.code !== "reservation_not_found") return problem(c, refusal.code);
      if (!(await findOwnClaim(redis, userId, rid))) return problem(c, "reservation_not_found");
      return answerEvents(c, comeBack(rid));
    } catch (error) {
      return answerUnavailable(c, "events", error);
    }
  };
}

/** The client's last known decision, for the origin's query. */
function toldBefore(c: EdgeContext): string {
  const told = DecisionStatus.safeParse(c.req.header("last-event-id"));
  return told.success ? `&told=${told.data}` : "";
}

/**
 * The origin does not know the claim yet. The client gets the pending state, and connects again
 * after 2 s.
 */
function comeBack(rid: string): string {
  const data = JSON.stringify(pendingReservation(rid));
  return `id: pending\nretry: 2000\nevent: status\ndata: ${data}\n\n`;
}
