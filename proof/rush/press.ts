import type { IdempotencyKey, LectureId, Rid } from "../../contract/ids.ts";
import { ask } from "../kit/ask.ts";
import type { EdgeAnswer, EdgeClient, SignedInStudent } from "../kit/edge-client.ts";
import { type Entry, isConclusive } from "../kit/journal.ts";
import type { Student } from "./students.ts";

/** The rush that a student takes part in. Times are of `performance.now()`. */
export interface Rush {
  edge: EdgeClient;
  lectureId: LectureId;
  opensAtMs: number;
  /** when a student gives up asking */
  endsAtMs: number;
  /** receives every answer */
  record: (entry: Entry) => void;
}

/** The wait before the next try if the edge names none, in milliseconds. */
const RETRY_MS = 500;

/**
 * Plays one student, from a click before the opening to the last decision. Never rejects: the
 * entries hold the errors.
 */
export async function takePart(
  rush: Rush,
  { key, earlyByMs, afterMs, second, again }: Student,
  { token, userId }: SignedInStudent,
): Promise<void> {
  const { edge, lectureId, opensAtMs, record } = rush;

  if (earlyByMs !== undefined) {
    await sleepUntil(opensAtMs - earlyByMs);
    await press(key, "early");
  }
  await sleepUntil(opensAtMs + afterMs);
  await Promise.all([
    book(key, "press"),
    second && Bun.sleep(second.afterMs).then(() => book(second.key, "press")),
    again && Bun.sleep(again.afterMs).then(() => book(key, "again")),
  ]);
  if (!again) return;
  await Bun.sleep(again.laterMs);
  await book(key, "again");

  /**
   * Presses until an answer settles the wish. A pending reservation is followed, not pressed again.
   */
  async function book(key: IdempotencyKey, kind: Entry["kind"]): Promise<void> {
    for (;;) {
      const answer = await press(key, kind);
      if (isConclusive(answer.outcome)) return;
      if (answer.outcome === "pending" && answer.rid) return await follow(key, answer.rid);
      if (!(await waitForNextTry(rush, answer))) return;
    }
  }

  /** Asks for the status at the edge's pace until the reservation is decided. */
  async function follow(key: IdempotencyKey, rid: Rid): Promise<void> {
    let answer: EdgeAnswer = { status: 202, outcome: "pending" };
    while (!isConclusive(answer.outcome)) {
      if (!(await waitForNextTry(rush, answer))) return;
      answer = await ask({ userId, key, kind: "status", record }, () => edge.status(token, rid));
    }
  }

  function press(key: IdempotencyKey, kind: Entry["kind"]): Promise<EdgeAnswer> {
    return ask({ userId, key, kind, record }, () => edge.reserve(token, lectureId, key));
  }
}

/** Returns false if the rush is over for this student. */
async function waitForNextTry({ endsAtMs }: Rush, { retryAfterMs }: EdgeAnswer): Promise<boolean> {
  const waitMs = retryAfterMs ?? RETRY_MS;
  if (performance.now() + waitMs > endsAtMs) return false;
  await Bun.sleep(waitMs);
  return true;
}

async function sleepUntil(timeMs: number): Promise<void> {
  await Bun.sleep(Math.max(0, timeMs - performance.now()));
}
