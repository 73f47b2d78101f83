import { lectureOf, type Rid } from "../../contract/ids.ts";
import { crashPoint } from "../../runtime/crash-points/crash-point.ts";
import { answerJson, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { type RefusedByOrigin, sendCommand } from "../origin-answers.ts";
import { findOwnClaim } from "../own-claim.ts";
import { ridOfPath } from "../path-ids.ts";
import { noteWait, waitOf } from "../prefer.ts";
import { problem } from "../problem.ts";
import { answerDegraded, answerPending } from "../reservation-answers.ts";
import { answerLimited, answerUnavailable } from "../unavailable.ts";

/**
 * The shortest wait before an undecided reservation may be cancelled after all, in milliseconds.
 */
const UNDECIDED_RETRY_MS = 1_000;

/**
 * DELETE /api/reservations/:id: gives the seat back. 200 once it is done, 202 while it is on the
 * way. Repeating it is harmless.
 */
export function cancelReservation({ redis, limits, origin, addressOf }: EdgeDeps) {
  return async (c: EdgeContext): Promise<Response> => {
    const rid = ridOfPath(c);
    const userId = c.get("session").sub;
    const limit = await limits.take(userId, addressOf(c));
    if (limit.outcome !== "passed") return answerLimited(c, limit);
    crashPoint("edge.cancel_tokens_taken");

    const command = {
      kind: "cancel" as const,
      rid,
      lectureId: lectureOf(rid),
      userId,
      requestedAtMs: Date.now(),
    };
    const waitMs = waitOf(c);
    const answer = await sendCommand(origin, { command, waitMs, requestId: requestIdOf(c) });
    noteWait(c, waitMs, answer);
    crashPoint("edge.cancel_forwarded");
    // No claim stands for a cancel. A cancel that was not handed over is lost: the client has to
    // send it again.
    if (answer.outcome === "unknown") return answerUnavailable(c, "cancel", answer.error);
    if (answer.outcome === "refused") return answerRefusal(c, redis, rid, answer);
    const { queued, reservation } = answer.value;
    if (reservation.status === "cancelled") return answerJson(c, 200, reservation);
    return queued ? answerPending(c, reservation) : answerDegraded(c, reservation);
  };
}

async function answerRefusal(
  c: EdgeContext,
  redis: EdgeDeps["redis"],
  rid: Rid,
  { code, cancelUntil }: RefusedByOrigin,
) {
  if (cancelUntil) return answerTooLate(c, cancelUntil);
  try {
    const undecided =
      code === "not_decided" ||
      (code === "reservation_not_found" && (await findOwnClaim(redis, c.get("session").sub, rid)));
    return undecided
      ? problem(c, "not_decided", { retryAfterMs: UNDECIDED_RETRY_MS })
      : problem(c, code);
  } catch (error) {
    return answerUnavailable(c, "own claim", error);
  }
}

/** Says until when it was possible, in RFC 3339 and in words. */
function answerTooLate(c: EdgeContext, cancelUntil: string): Response {
  const [day, time] = [cancelUntil.slice(0, 10), cancelUntil.slice(11, 16)];
  return problem(c, "too_late", {
    detail: {
      en: `It was possible until ${day} ${time} UTC.`,
      zh: `可取消的截止时间为 ${day} ${time}（UTC）。`,
    },
    members: { cancelUntil },
  });
}
