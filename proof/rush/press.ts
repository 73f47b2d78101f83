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
  /** told of every answer */
  record: (entry: Entry) => void;
}

/** The wait before the next try where the edge does not tell one, in milliseconds. */
const RETRY_MS = 500;

/**
 * Does everything one student does, from the click that comes too early to the last decision. Never rejects: what goes wrong is in the
 * entries.
 */
export async function takePart(
  rush: Rush,
  student: Student,
  session: SignedInStudent,
): Promise<void> {
  const { key, earlyByMs, afterMs, second, again } = student;
  if (earlyByMs !== undefined) {
    await sleepUntil(rush.opensAtMs - earlyByMs);
    await press(rush, session, key, "early");
  }
  await sleepUntil(rush.opensAtMs + afterMs);
  await Promise.all([
    book(rush, session, key, "press"),
    second && Bun.sleep(second.afterMs).then(() => book(rush, session, second.key, "press")),
    again && Bun.sleep(again.afterMs).then(() => book(rush, session, key, "again")),
  ]);
  if (!again) return;
  await Bun.sleep(again.laterMs);
  await book(rush, session, key, "again");
}

/** Presses until there is an answer that settles it. A reservation that is being decided is followed, not pressed again. */
async function book(
  rush: Rush,
  session: SignedInStudent,
  key: IdempotencyKey,
  kind: Entry["kind"],
): Promise<void> {
  for (;;) {
    const answer = await press(rush, session, key, kind);
    if (isConclusive(answer.outcome)) return;
    if (answer.outcome === "pending" && answer.rid)
      return await follow(rush, session, key, answer.rid);
    if (!(await waitForNextTry(rush, answer))) return;
  }
}

/** Asks how a reservation stands, as often as the edge says, until it is decided. */
async function follow(
  rush: Rush,
  session: SignedInStudent,
  key: IdempotencyKey,
  rid: Rid,
): Promise<void> {
  let answer: EdgeAnswer = { status: 202, outcome: "pending" };
  while (!isConclusive(answer.outcome)) {
    if (!(await waitForNextTry(rush, answer))) return;
    answer = await ask({ userId: session.userId, key, kind: "status", record: rush.record }, () =>
      rush.edge.status(session.token, rid),
    );
  }
}

function press(rush: Rush, session: SignedInStudent, key: IdempotencyKey, kind: Entry["kind"]) {
  const question = { userId: session.userId, key, kind, record: rush.record };
  return ask(question, () => rush.edge.reserve(session.token, rush.lectureId, key));
}

/** False when the rush is over for this student. */
async function waitForNextTry({ endsAtMs }: Rush, { retryAfterMs }: EdgeAnswer): Promise<boolean> {
  const waitMs = retryAfterMs ?? RETRY_MS;
  if (performance.now() + waitMs > endsAtMs) return false;
  await Bun.sleep(waitMs);
  return true;
}

async function sleepUntil(timeMs: number): Promise<void> {
  await Bun.sleep(Math.max(0, timeMs - performance.now()));
}
