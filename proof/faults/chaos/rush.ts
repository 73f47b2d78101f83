import type { IdempotencyKey, LectureId, Rid } from "../../../contract/ids.ts";
import { type AuditSources, openSources } from "../../audit/sources.ts";
import { ask } from "../../kit/ask.ts";
import { type EdgeAnswer, edgeClient, type SignedInStudent } from "../../kit/edge-client.ts";
import { type Entry, isConclusive, type Outcome } from "../../kit/journal.ts";
import { makeLecture, untilShown } from "../../kit/lecture.ts";
import type { FaultSystem } from "../system/system.ts";

/** A lecture to press for. Times are of `performance.now()`. */
export interface OpenLecture {
  lectureId: LectureId;
  opensAtMs: number;
}

export type ChaosRush = ReturnType<typeof openRush>;

/** From the making of a lecture to its opening, in seconds. */
const OPENS_IN_S = 2;
/** The wait before the next try if the edge names none, in milliseconds. */
const RETRY_MS = 400;

/** Opens the servers directly, on connections untouched by faults. */
export async function withSources<T>(
  { direct }: FaultSystem,
  work: (sources: AuditSources) => Promise<T>,
): Promise<T> {
  const sources = await openSources(direct);
  try {
    return await work(sources);
  } finally {
    await sources.close();
  }
}

/** Makes a lecture and waits until the edge shows it. */
export async function openLecture(
  system: FaultSystem,
  lecture: { seats: number; seed?: number; openForMin?: number },
): Promise<OpenLecture> {
  return await withSources(system, async (sources) => {
    const lectureId = await makeLecture(sources, { seed: 0, opensInS: OPENS_IN_S, ...lecture });
    return { lectureId, opensAtMs: await untilShown(edgeClient(system.edgeUrl), lectureId) };
  });
}

/** The rush that students take part in. */
export function openRush({ edgeUrl }: FaultSystem, lecture: OpenLecture) {
  return {
    ...lecture,
    /** asks the edge to hold a request until the decision */
    waiting: edgeClient(edgeUrl, { waitS: 5, keepsConnections: false }),
    polling: edgeClient(edgeUrl, { waitS: 0, keepsConnections: false }),
    /** when students give up asking; known only after everything has healed */
    endsAtMs: Number.POSITIVE_INFINITY,
    /** every answer */
    entries: [] as Entry[],
  };
}

/**
 * A student of a rush. `waits` holds a press until its decision; otherwise the student gets
 * `pending` and asks for the status.
 */
export function enter(rush: ChaosRush, { token, userId }: SignedInStudent, waits = true) {
  const edge = waits ? rush.waiting : rush.polling;
  const record = (entry: Entry) => rush.entries.push(entry);

  /** Asks for the status of a reservation until it is decided, or no server knows it. */
  async function follow(key: IdempotencyKey, rid: Rid): Promise<EdgeAnswer> {
    const question = { userId, key, kind: "status", record } as const;
    let answer: EdgeAnswer = { status: 202, outcome: "pending", rid };
    while (!isConclusive(answer.outcome) && (await waitForNextTry(rush, answer)))
      answer = await ask(question, () => rush.polling.status(token, rid));
    return answer;
  }

  return {
    /**
     * Presses under one key until an answer settles the wish. A pending reservation is followed; if
     * no server knows it any more, the same key is pressed again.
     */
    async book(key: IdempotencyKey, kind: "press" | "again" = "press"): Promise<EdgeAnswer> {
      const question = { userId, key, kind, record };
      for (;;) {
        let answer = await ask(question, () => edge.reserve(token, rush.lectureId, key));
        if (answer.outcome === "pending" && answer.rid) answer = await follow(key, answer.rid);
        if (settles(answer.outcome) || !(await waitForNextTry(rush, answer))) return answer;
      }
    },

    /**
     * Gives a seat back and repeats the cancel until it is decided: a cancel that did not reach the
     * origin is lost. Returns whether the seat is given back.
     */
    async giveBack(key: IdempotencyKey, rid: Rid): Promise<boolean> {
      const question = { userId, key, kind: "cancel", record } as const;
      for (;;) {
        let answer = await ask(question, () => rush.waiting.cancel(token, rid));
        if (answer.outcome === "pending") answer = await follow(key, rid);
        if (answer.outcome === "cancelled") return true;
        const isOver = answer.outcome === "not_cancellable";
        if (isOver || !(await waitForNextTry(rush, answer))) return false;
      }
    },
  };
}

/** Says whether an answer settles a wish: after `reservation_not_found` the student presses again. */
export function settles(outcome: Outcome): boolean {
  return isConclusive(outcome) && outcome !== "reservation_not_found";
}

/** Returns false if the rush is over for this student. */
async function waitForNextTry(
  { endsAtMs }: ChaosRush,
  { retryAfterMs }: EdgeAnswer,
): Promise<boolean> {
  const waitMs = retryAfterMs ?? RETRY_MS;
  if (performance.now() + waitMs > endsAtMs) return false;
  await Bun.sleep(waitMs);
  return true;
}
