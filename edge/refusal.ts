import type { ClaimAnswer } from "../admission/claim.ts";
import type { ProblemCode } from "../contract/problems.ts";
import type { CrowdRefusal } from "./crowd.ts";
import type { Limited } from "./limits.ts";
import type { ProblemExtras } from "./problem.ts";
import { locationOf } from "./reservation-answers.ts";

/**
 * Why a request gets no seat now, in the words of a claim's answer. Redis, this edge's memory, the
 * crowd and the token buckets all refuse in these words.
 */
export type Refusal =
  | Exclude<ClaimAnswer, { outcome: "claimed" | "repeated" }>
  | CrowdRefusal
  | Limited;

/**
 * The earliest return of a request that found no room, in milliseconds: late enough not to make
 * another rush.
 */
const ROOM_AGAIN_MS = 5_000;

/** The problem of a refusal by Redis, the crowd, the token buckets or the edge's memory. */
export function problemOf(refusal: Refusal): [ProblemCode, ProblemExtras] {
  switch (refusal.outcome) {
    case "not_open": {
      const { opensInMs } = refusal;
      return ["not_open", { retryAfterMs: opensInMs, members: { opensInMs } }];
    }
    case "already_reserved": {
      const { rid } = refusal;
      const headers = { Location: locationOf(rid) };
      return ["already_reserved", { headers, members: { reservationId: rid } }];
    }
    case "throttled":
      return ["throttled", { retryAfterMs: refusal.retryAfterMs }];
    case "limited":
      return ["rate_limited", { retryAfterMs: refusal.retryAfterMs }];
    case "no_room":
      return ["unavailable", { retryAfterMs: ROOM_AGAIN_MS }];
    case "cancelled":
      return ["lecture_cancelled", {}];
    case "sold_out":
    case "closed":
    case "not_eligible":
    case "not_ready":
      return [refusal.outcome, {}];
    default:
      return refusal satisfies never;
  }
}
