import { type ClaimAnswer, claimMany } from "../admission/claim.ts";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { type BookedRow, CLAIMS_MAX, ClaimsAnswer, Decisions } from "../contract/on-behalf.ts";
import type { ProblemCode } from "../contract/problems.ts";
import type { Reservation } from "../contract/reservation.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { EdgeDeps } from "./deps.ts";
import { logFailure } from "./log.ts";
import { askFor, errorOf } from "./origin-answers.ts";
import { problemOf } from "./refusal.ts";

/** A student to book for, under the rid of this request. */
export interface OnBehalf {
  userId: UserId;
  rid: Rid;
  /** the student's groups, as far as they are known */
  groups?: readonly string[];
}

/** What became of a student; see BookedRow. */
export interface Booked {
  status: BookedRow["status"];
  rid?: Rid;
  code?: ProblemCode;
}

interface Request {
  lectureId: LectureId;
  requestId: string;
  /** how long to wait for decisions, in milliseconds */
  waitMs: number;
}

type Deps = Pick<
  EdgeDeps,
  "redis" | "origin" | "intake" | "knownRefusals" | "whyNotLoaded" | "metrics"
>;

/**
 * Claims a seat for each student, by the rules for students, and hands the claims over to be
 * decided. Nothing is undone where a part does not answer: the sweep finds the claims. No token
 * bucket of a student pays. Students are claimed for in the order given, so early ones come first
 * where seats are few.
 */
export async function bookMany(
  deps: Deps,
  students: readonly OnBehalf[],
  request: Request,
): Promise<Map<UserId, Booked>> {
  const booked = new Map<UserId, Booked>();
  const undecided: Rid[] = [];
  for (let at = 0; at < students.length; at += CLAIMS_MAX) {
    const chunk = students.slice(at, at + CLAIMS_MAX);
    const answers = await claimChunk(deps, chunk, request);
    for (const [index, student] of chunk.entries()) {
      const answer = answers?.[index] ?? NOT_CLAIMED;
      booked.set(student.userId, answer);
      if (answer.rid === student.rid) undecided.push(student.rid);
    }
    if (answers) continue;
    // Redis or the queue takes nothing now: the rest would only pile up.
    for (const { userId } of students.slice(at + CLAIMS_MAX)) booked.set(userId, NOT_CLAIMED);
    break;
  }
  const decisions = await readDecisions(deps, undecided, request);
  for (const [userId, answer] of booked) {
    const decision = answer.rid && decisions.get(answer.rid);
    if (decision) booked.set(userId, decidedAs(decision));
  }
  return booked;
}

const NOT_CLAIMED: Booked = { status: "refused", code: "unavailable" };

/** Undefined where no claim was sent. */
async function claimChunk(
  deps: Deps,
  chunk: readonly OnBehalf[],
  request: Request,
): Promise<Booked[] | undefined> {
  const { redis, intake, knownRefusals, metrics } = deps;
  const { lectureId, requestId } = request;
  if (!intake.admits()) return undefined;
  const asked = chunk.map((student) => ({ lectureId, ...student }));
  let answers: (ClaimAnswer | Error)[];
  try {
    answers = await claimMany(redis, asked);
  } catch (error) {
    intake.spared();
    logFailure("degraded", "claim", requestId, error);
    if (error instanceof BreakerOpen) return undefined;
    answers = chunk.map(() => (error instanceof Error ? error : new Error(String(error))));
  }
  for (const answer of answers)
    if (metrics) metrics.claims.of(answer instanceof Error ? "unknown" : answer.outcome).value += 1;
  const claims = chunk.flatMap(({ userId }, index) => {
    const answer = answers[index];
    return answer && "claimedAtMs" in answer
      ? [{ rid: answer.rid, userId, claimedAtMs: answer.claimedAtMs }]
      : [];
  });
  if (claims.length === 0) intake.spared();
  else {
    crashPoint("edge.many_claimed");
    knownRefusals.forget(lectureId);
    await handOver(deps, claims, request);
    crashPoint("edge.many_forwarded");
  }
  const isMissing = answers.some((answer) => "outcome" in answer && answer.outcome === "not_ready");
  const why = isMissing ? (await deps.whyNotLoaded(lectureId, requestId)).code : "not_ready";
  return answers.map((answer, index) => bookedBy(answer, chunk[index]?.rid, why));
}

async function handOver(
  { origin, intake }: Deps,
  claims: { rid: Rid; userId: UserId; claimedAtMs: number }[],
  { lectureId, requestId }: Request,
): Promise<void> {
  const body = { lectureId, claims };
  const request = { method: "POST" as const, path: "/claims", body, requestId };
  const answer = await askFor(ClaimsAnswer, origin, request);
  if (answer.outcome !== "answered")
    return logFailure("degraded", "forward", requestId, errorOf(answer));
  if (answer.value.closed) intake.failed();
  else if (answer.value.queued > 0) intake.succeeded();
}

/** @param why the code of a lecture that Redis does not know */
function bookedBy(answer: ClaimAnswer | Error, rid: Rid | undefined, why: ProblemCode): Booked {
  const own = rid === undefined ? {} : { rid };
  if (answer instanceof Error) return { status: "unknown", code: "unavailable", ...own };
  switch (answer.outcome) {
    case "claimed":
      return { status: "pending", ...own };
    case "repeated":
      return { ...REPEATED[answer.state], ...own };
    case "not_ready":
      return { status: "refused", code: why };
    case "already_reserved":
      return { status: "refused", code: "already_reserved", rid: answer.rid };
    case "not_open":
    case "closed":
    case "cancelled":
    case "not_eligible":
    case "sold_out":
    case "throttled":
      return { status: "refused", code: problemOf(answer)[0] };
    default:
      return answer satisfies never;
  }
}

/** What Redis knows of an earlier try; its decision says more. */
const REPEATED = {
  held: { status: "pending" },
  confirmed: { status: "confirmed" },
  cancelled: { status: "cancelled" },
  rejected: { status: "refused", code: "undeliverable" },
} as const satisfies Record<string, Booked>;

function decidedAs({ id, status, reason }: Reservation): Booked {
  if (status === "rejected") return { status: "refused", code: reason ?? "undeliverable", rid: id };
  return { status, rid: id };
}

/** The decisions of these rids, as far as there are any. Never rejects. */
async function readDecisions(
  { origin }: Deps,
  rids: readonly Rid[],
  { lectureId, requestId, waitMs }: Request,
): Promise<Map<Rid, Reservation>> {
  const endsAtMs = performance.now() + waitMs;
  const found = new Map<Rid, Reservation>();
  for (let at = 0; at < rids.length; at += CLAIMS_MAX) {
    const leftMs = Math.max(0, Math.floor(endsAtMs - performance.now()));
    const body = { lectureId, rids: rids.slice(at, at + CLAIMS_MAX), waitMs: leftMs };
    const request = {
      method: "POST" as const,
      path: "/decisions",
      body,
      waitMs: leftMs,
      requestId,
    };
    const answer = await askFor(Decisions, origin, request);
    if (answer.outcome !== "answered") {
      logFailure("degraded", "watch", requestId, errorOf(answer));
      break;
    }
    for (const reservation of answer.value.reservations) found.set(reservation.id, reservation);
  }
  return found;
}
