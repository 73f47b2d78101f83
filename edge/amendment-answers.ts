import type { AmendmentRefusal } from "../contract/amendment.ts";
import { noCase } from "../contract/no-case.ts";
import {
  type Amended,
  type OrganisedLecture,
  organisedPaths,
} from "../contract/organised-lecture.ts";
import { showAmendment } from "../contract/shown-amendment.ts";
import { answerJson, NOT_STORED, requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { etagOf } from "./if-match.ts";
import { logFailure } from "./log.ts";
import { errorOf, type OriginAnswer } from "./origin-answers.ts";
import { noteWait, preferenceIn, waitOf } from "./prefer.ts";
import { type ProblemExtras, problem, retryAfter } from "./problem.ts";

/** How long an organiser waits for a decision without saying so, in milliseconds. */
const USUAL_WAIT_MS = 5_000;

/** The longest wait for the decision, in ms: `Prefer: wait=N`, five seconds without it. */
export function organiserWait(c: EdgeContext): number {
  return prefersWait(c) ? waitOf(c) : USUAL_WAIT_MS;
}

function prefersWait(c: EdgeContext): boolean {
  return preferenceIn(c.req.header("prefer") ?? "", "wait") !== undefined;
}

/** The shortest wait before an organiser asks again, in milliseconds. */
const POLL_MS = 1_000;

/** Answers a request to make or change a lecture, which waited for its decision. */
export function answerAmended(
  c: EdgeContext,
  answer: OriginAnswer<Amended>,
  asked: { key: string; status: 200 | 201; capacity?: number | undefined },
): Response {
  if (prefersWait(c)) noteWait(c, waitOf(c), answer);
  switch (answer.outcome) {
    case "unknown":
      logFailure("degraded", "amend", requestIdOf(c), errorOf(answer));
      return problem(c, "unavailable", sameKey(asked.key));
    case "refused":
      return problem(c, answer.code, answer.code === "unavailable" ? sameKey(asked.key) : {});
    case "answered":
      return answerDecided(c, answer.value, asked);
    default:
      return noCase(answer);
  }
}

/** The amendment may be decided yet. Asking again with its key asks for no second one. */
function sameKey(key: string): ProblemExtras {
  return {
    detail: {
      en:
        "The change may or may not be under way. " +
        "Sending it again with the same Idempotency-Key is safe.",
      zh: "该变更可能已受理，也可能没有。使用相同的 Idempotency-Key 重试是安全的。",
    },
    members: { idempotencyKey: key },
  };
}

function answerDecided(
  c: EdgeContext,
  { amendment, lecture }: Amended,
  { status, capacity }: { status: 200 | 201; capacity?: number | undefined },
): Response {
  switch (amendment.status) {
    case "pending":
      return answerJson(c, 202, showAmendment(amendment), {
        ...NOT_STORED,
        Location: organisedPaths.amendment(amendment.id),
        "Retry-After": retryAfter(POLL_MS),
      });
    case "applied":
      // Gone to a host of others: there is nothing to show of it.
      if (!lecture) return answerJson(c, 200, showAmendment(amendment));
      return answerLecture(c, status, lecture);
    case "refused":
      return answerRefused(c, amendment.reason ?? "undeliverable", lecture, capacity);
    default:
      return noCase(amendment.status);
  }
}

/** A lecture with its version as the ETag. */
export function answerLecture(
  c: EdgeContext,
  status: 200 | 201,
  lecture: OrganisedLecture,
): Response {
  return answerJson(c, status, lecture, {
    ...NOT_STORED,
    ETag: etagOf(lecture.version),
    ...(status === 201 && { Location: organisedPaths.lecture(lecture.id) }),
  });
}

function answerRefused(
  c: EdgeContext,
  reason: AmendmentRefusal,
  lecture: OrganisedLecture | undefined,
  capacity: number | undefined,
): Response {
  const present = lecture && { headers: { ETag: etagOf(lecture.version) } };
  switch (reason) {
    case "lecture_not_found":
      return problem(c, "lecture_not_found");
    case "version_conflict":
      return problem(c, "version_conflict", {
        ...present,
        ...(lecture && { members: { lecture } }),
      });
    case "seats_given":
      return problem(c, "seats_given", { ...present, members: takenSeats(lecture, capacity) });
    case "invalid":
      return problem(c, "invalid_amendment", {
        ...present,
        detail: lecture?.cancelled ? CANCELLED : SENSELESS,
      });
    case "undeliverable":
      return problem(c, "undeliverable", { ...present, detail: UNDELIVERABLE });
    default:
      return noCase(reason);
  }
}

/** Seats under way count too, and MySQL does not know them yet: they are at least these. */
function takenSeats(
  lecture: OrganisedLecture | undefined,
  capacity: number | undefined,
): { seatsTaken: number } {
  return { seatsTaken: Math.max(lecture?.seatsTaken ?? 0, (capacity ?? 0) + 1) };
}

const CANCELLED = {
  en: "The lecture is cancelled, for good: only its words and its place in the lists may change.",
  zh: "该讲座已取消且不可恢复：仅可修改文字信息或将其下架。",
};

export const SENSELESS = {
  en: "A lecture opens before it closes and before it starts, and starts before it ends.",
  zh: "讲座须先开放预约再截止，开放预约须早于讲座开始，开始须早于结束。",
};

const UNDELIVERABLE = {
  en:
    "The change could not be processed and has changed nothing. " +
    "Send it again with another Idempotency-Key.",
  zh: "该变更未能处理，未作任何修改。请换一个 Idempotency-Key 重新提交。",
};
