import type { IdempotencyKey, LectureId, Rid } from "../../../contract/ids.ts";
import { ask } from "../../kit/ask.ts";
import type { EdgeAnswer, EdgeClient } from "../../kit/edge-client.ts";
import { type Entry, isConclusive, type Outcome } from "../../kit/journal.ts";
import type { ChaosStudent } from "./students.ts";

/** The rush that students take part in. Times are of `performance.now()`. */
export interface ChaosRush {
  /** `waiting` asks the edge to hold the request until the decision, `polling` does not */
  edges: { waiting: EdgeClient; polling: EdgeClient };
  lectureId: LectureId;
  opensAtMs: number;
  /** when students give up asking; known only after everything has healed */
  endsAtMs: () => number;
  /** receives every answer */
  record: (entry: Entry) => void;
}

/** The wait before the next try if the edge names none, in milliseconds. */
const RETRY_MS = 400;

/** Plays one student until each of the student's wishes is settled. Never rejects. */
export async function takePart(rush: ChaosRush, student: ChaosStudent): Promise<void> {
  const { afterMs, key, second, againAfterMs, cancels } = student;
  await Bun.sleep(Math.max(0, rush.opensAtMs + afterMs - performance.now()));
  const [first] = await Promise.all([
    book(rush, student, key, "press"),
    second && Bun.sleep(second.afterMs).then(() => book(rush, student, second.key, "press")),
    againAfterMs && Bun.sleep(againAfterMs).then(() => book(rush, student, key, "again")),
  ]);
  if (first.outcome !== "confirmed" || !first.rid || !cancels) return;
  await Bun.sleep(cancels.afterMs);
  const isGone = await giveBack(rush, student, key, first.rid);
  if (isGone && cancels.newKey) await book(rush, student, cancels.newKey, "press");
}

/**
 * Presses under one key until an answer settles the wish. A pending reservation is followed; if no
 * server knows it any more, the same key is pressed again.
 */
export async function book(
  rush: ChaosRush,
  student: ChaosStudent,
  key: IdempotencyKey,
  kind: Entry["kind"],
): Promise<EdgeAnswer> {
  const edge = student.waits ? rush.edges.waiting : rush.edges.polling;
  for (;;) {
    let answer = await ask(askOf(rush, student, key, kind), () =>
      edge.reserve(student.session.token, rush.lectureId, key),
    );
    if (answer.outcome === "pending" && answer.rid)
      answer = await follow(rush, student, key, answer.rid);
    if (isSettled(answer.outcome) || !(await waitForNextTry(rush, answer))) return answer;
  }
}

/** Asks for the status of a reservation until it is decided, or no server knows it. */
async function follow(rush: ChaosRush, student: ChaosStudent, key: IdempotencyKey, rid: Rid) {
  let answer: EdgeAnswer = { status: 202, outcome: "pending", rid };
  while (!isConclusive(answer.outcome)) {
    if (!(await waitForNextTry(rush, answer))) return answer;
    answer = await ask(askOf(rush, student, key, "status"), () =>
      rush.edges.polling.status(student.session.token, rid),
    );
  }
  return answer;
}

/**
 * Gives a seat back and repeats the cancel until it is decided: a cancel that did not reach the
 * origin is lost. Returns whether the seat is given back.
 */
async function giveBack(rush: ChaosRush, student: ChaosStudent, key: IdempotencyKey, rid: Rid) {
  for (;;) {
    let answer = await ask(askOf(rush, student, key, "cancel"), () =>
      rush.edges.waiting.cancel(student.session.token, rid),
    );
    if (answer.outcome === "pending") answer = await follow(rush, student, key, rid);
    if (answer.outcome === "cancelled") return true;
    if (answer.outcome === "not_cancellable" || !(await waitForNextTry(rush, answer))) return false;
  }
}

function isSettled(outcome: Outcome): boolean {
  return isConclusive(outcome) && outcome !== "reservation_not_found";
}

function askOf(
  { record }: ChaosRush,
  { session }: ChaosStudent,
  key: IdempotencyKey,
  kind: Entry["kind"],
) {
  return { userId: session.userId, key, kind, record };
}

/** Returns false if the rush is over for this student. */
async function waitForNextTry(
  { endsAtMs }: ChaosRush,
  { retryAfterMs }: EdgeAnswer,
): Promise<boolean> {
  const waitMs = retryAfterMs ?? RETRY_MS;
  if (performance.now() + waitMs > endsAtMs()) return false;
  await Bun.sleep(waitMs);
  return true;
}
