import type { ClaimAnswer } from "../../admission/claim.ts";
import { BreakerOpen } from "../../runtime/breaker/breaker.ts";
import { crashPoint } from "../../runtime/crash-points/crash-point.ts";
import { requestIdOf } from "../answer.ts";
import { attemptClaim } from "../attempt.ts";
import { type ClaimIntent, readIntent } from "../claim-intent.ts";
import type { EdgeContext } from "../context.ts";
import type { CrowdRefusal } from "../crowd.ts";
import type { EdgeDeps } from "../deps.ts";
import { logFailure } from "../log.ts";
import { errorOf, readReservation, sendCommand } from "../origin-answers.ts";
import { findOwnClaim } from "../own-claim.ts";
import { noteWait } from "../prefer.ts";
import { problem } from "../problem.ts";
import { problemOf } from "../refusal.ts";
import {
  answerBooking,
  answerDegraded,
  answerPending,
  locationOf,
  pendingReservation,
} from "../reservation-answers.ts";
import { answerLimited, answerUnavailable } from "../unavailable.ts";

/**
 * POST /api/lectures/:id/reservations: claims a seat for the user, and hands the claim over to be
 * decided.
 */
export function reserve(deps: EdgeDeps) {
  return async (c: EdgeContext): Promise<Response> => {
    const intent = readIntent(c);
    const { lectureId, userId } = intent;
    const waiting = deps.crowd.waitBehind({ lectureId, userId, key: () => intent.key });
    const refusal = waiting && (await waiting);
    if (refusal) return answerCrowd(c, deps, refusal);
    const attempt = await attemptClaim(c, deps, intent);
    switch (attempt.outcome) {
      case "limited":
        return answerLimited(c, attempt.limit);
      case "not_taken":
        return problem(c, "unavailable", NOT_TAKEN);
      case "unknown":
        return answerUnknownClaim(c, intent, attempt.error);
      case "answered":
        return answerClaim(c, deps, intent, attempt.answer);
      default:
        return attempt satisfies never;
    }
  };
}

/** Refuses a request that waited behind the claims of others and sent none. */
function answerCrowd(c: EdgeContext, { metrics }: EdgeDeps, refusal: CrowdRefusal): Response {
  if (metrics && refusal.outcome !== "no_room")
    metrics.refused[refusal.outcome].fromMemory.value += 1;
  return problem(c, ...problemOf(refusal));
}

const NOT_TAKEN = {
  detail: {
    en: "No new bookings can be taken for a moment, and no seat was held for you. Please try again shortly.",
    zh: "暂时无法受理新的预约，尚未为您保留名额，请稍后重试。",
  },
};

async function answerClaim(
  c: EdgeContext,
  deps: EdgeDeps,
  intent: ClaimIntent,
  answer: ClaimAnswer,
): Promise<Response> {
  switch (answer.outcome) {
    case "claimed":
      crashPoint("edge.claimed");
      deps.knownRefusals.forget(intent.lectureId);
      return forward(c, deps, intent, answer.claimedAtMs);
    case "repeated":
      return answer.state === "held" ? watch(c, deps, intent) : recall(c, deps, intent);
    case "not_open":
    case "sold_out":
      await deps.knownRefusals.learn(intent.lectureId);
      return problem(c, ...problemOf(answer));
    case "already_reserved":
    case "throttled":
    case "cancelled":
    case "closed":
    case "not_eligible":
      return problem(c, ...problemOf(answer));
    case "not_ready":
      return answerNotLoaded(c, deps, intent);
    default:
      return answer satisfies never;
  }
}

/**
 * Hands a claim over to be decided. Without a decision the claim stands and is decided later:
 * nothing is undone here.
 */
async function forward(
  c: EdgeContext,
  { origin, intake }: EdgeDeps,
  intent: ClaimIntent,
  claimedAtMs: number,
) {
  const { rid, lectureId, userId, waitMs } = intent;
  const command = { kind: "reserve" as const, rid, lectureId, userId, claimedAtMs };
  const answer = await sendCommand(origin, { command, waitMs, requestId: requestIdOf(c) });
  crashPoint("edge.forwarded");
  noteWait(c, waitMs, answer);
  if (answer.outcome === "answered" && answer.value.closed) intake.failed();
  if (answer.outcome === "answered" && answer.value.queued) intake.succeeded();
  if (
    answer.outcome === "answered" &&
    (answer.value.queued || answer.value.reservation.status !== "pending")
  )
    return answerBooking(c, answer.value.reservation);
  if (answer.outcome !== "answered")
    logFailure("degraded", "forward", requestIdOf(c), errorOf(answer));
  return answerDegraded(c, pendingReservation(rid));
}

/**
 * The same request again, undecided. Its command is on the way and is not sent twice. If the origin
 * does not know it, the first request was cut off before the handover: the command is sent now.
 */
async function watch(c: EdgeContext, deps: EdgeDeps, intent: ClaimIntent): Promise<Response> {
  const { rid, userId, waitMs } = intent;
  const requestId = requestIdOf(c);
  const answer = await readReservation(deps.origin, { rid, userId, waitMs, requestId });
  noteWait(c, waitMs, answer);
  if (answer.outcome === "answered") return answerBooking(c, answer.value);
  if (answer.outcome === "refused" && answer.code === "reservation_not_found") {
    const claim = await findOwnClaim(deps.redis, userId, rid).catch(() => undefined);
    return claim
      ? forward(c, deps, intent, claim.claimedAtMs)
      : answerPending(c, pendingReservation(rid));
  }
  logFailure("degraded", "watch", requestId, errorOf(answer));
  return answerDegraded(c, pendingReservation(rid));
}

/** The same request again, decided: it gets the same answer. */
async function recall(c: EdgeContext, { origin }: EdgeDeps, { rid, userId, waitMs }: ClaimIntent) {
  const answer = await readReservation(origin, { rid, userId, waitMs, requestId: requestIdOf(c) });
  noteWait(c, waitMs, answer);
  if (answer.outcome === "answered") return answerBooking(c, answer.value);
  return answerUnavailable(c, "recall", errorOf(answer));
}

/**
 * Redis does not know the lecture. If the lecture is long over, a key from the client may have
 * booked in time: the origin is asked. A key made here is new: no server is asked.
 */
async function answerNotLoaded(
  c: EdgeContext,
  deps: EdgeDeps,
  intent: ClaimIntent,
): Promise<Response> {
  const why = await deps.whyNotLoaded(intent.lectureId, requestIdOf(c));
  if (!("lecture" in why) || !intent.isKeySent) return problem(c, why.code);
  const { rid, userId } = intent;
  const answer = await readReservation(deps.origin, {
    rid,
    userId,
    waitMs: 0,
    requestId: requestIdOf(c),
  });
  if (answer.outcome === "answered") return answerBooking(c, answer.value);
  if (answer.outcome === "refused" && answer.code === "reservation_not_found")
    return problem(c, why.code);
  return answerUnavailable(c, "recall", errorOf(answer));
}

/**
 * Redis did not say whether it wrote the claim. The same key names the same claim: asking again is
 * safe.
 */
function answerUnknownClaim(c: EdgeContext, { rid, key }: ClaimIntent, error: unknown): Response {
  // The breaker is open: nothing was sent to Redis.
  if (error instanceof BreakerOpen) return answerUnavailable(c, "claim", error);
  logFailure("degraded", "claim", requestIdOf(c), error);
  return problem(c, "unavailable", {
    detail: {
      en: "Your seat may or may not be held. Trying again with the same Idempotency-Key is safe.",
      zh: "名额可能已为您保留，也可能没有。使用相同的 Idempotency-Key 重试是安全的。",
    },
    headers: { Location: locationOf(rid) },
    members: { reservationId: rid, idempotencyKey: key },
  });
}
