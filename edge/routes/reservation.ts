import type { Claim } from "../../admission/find-claim.ts";
import { lectureOf } from "../../contract/ids.ts";
import type { Reservation } from "../../contract/reservation.ts";
import { answerJson, NOT_STORED, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { logFailure } from "../log.ts";
import { errorOf, readReservation } from "../origin-answers.ts";
import { findOwnClaim } from "../own-claim.ts";
import { ridOfPath } from "../path-ids.ts";
import { noteWait, waitOf } from "../prefer.ts";
import { problem, retryAfter } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

/**
 * GET /api/reservations/:id: the user's own reservation; with `Prefer: wait=N`, once it is decided.
 * If the origin does not know it or cannot tell, the user's claim answers. A held claim is pending;
 * a confirmed claim comes from a written decision.
 */
export function reservation({ redis, origin }: Pick<EdgeDeps, "redis" | "origin">) {
  return async (c: EdgeContext): Promise<Response> => {
    const rid = ridOfPath(c);
    const userId = c.get("session").sub;
    const waitMs = waitOf(c);
    const answer = await readReservation(origin, {
      rid,
      userId,
      waitMs,
      requestId: requestIdOf(c),
    });
    noteWait(c, waitMs, answer);
    if (answer.outcome === "answered")
      return answerJson(c, 200, answer.value, statusHeaders(answer.value.status));

    const unknownToOrigin = answer.outcome === "refused" && answer.code === "reservation_not_found";
    if (!unknownToOrigin) logFailure("degraded", "reservation", requestIdOf(c), errorOf(answer));
    try {
      const claim = await findOwnClaim(redis, userId, rid);
      if (!claim) return problem(c, unknownToOrigin ? "reservation_not_found" : "unavailable");
      const claimed = { ...claimedReservation(claim), ...(!unknownToOrigin && { degraded: true }) };
      return answerJson(c, 200, claimed, statusHeaders(claimed.status));
    } catch (error) {
      return answerUnavailable(c, "own claim", error);
    }
  };
}

/** The reservation that a claim shows. Only the origin knows the time of the decision. */
function claimedReservation({ rid, state }: Claim): Reservation {
  return { id: rid, lectureId: lectureOf(rid), status: state === "held" ? "pending" : "confirmed" };
}

function statusHeaders(status: string): Record<string, string> {
  return status === "pending" ? { ...NOT_STORED, "Retry-After": retryAfter(0) } : NOT_STORED;
}
