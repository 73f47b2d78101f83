import type { LectureId } from "../contract/ids.ts";
import { Lecture } from "../contract/lecture.ts";
import { logFailure } from "./log.ts";
import { createLongOverLectures, type LongOver, type LongOverLectures } from "./long-over.ts";
import { askFor } from "./origin-answers.ts";
import type { Origin } from "./origin-client.ts";
import { createRecent } from "./recent.ts";

/** Why Redis does not know a lecture. */
export type NotLoaded = LongOver | { code: "lecture_not_found" | "not_ready" };

/**
 * Finds out why Redis does not know a lecture: it is long over, does not exist, or is yet to be
 * loaded. Without an answer it counts as yet to be loaded. Never rejects.
 */
export type WhyNotLoaded = (lectureId: LectureId, requestId: string) => Promise<NotLoaded>;

const NOT_READY = { code: "not_ready" } as const;

/** How long the origin's answer may be repeated, in milliseconds from before the question. */
const TRUE_FOR_MS = 1_000;

/**
 * Questions about one lecture under way at once. Further requests get `not_ready` at once. Crowds
 * come for a lecture that is being loaded, hardly for a missing one.
 */
const AT_ONCE = 4;

const LECTURES_MAX = 2_000;

interface Known {
  why: NotLoaded | undefined;
  /** when the answered question was asked; without an answer, when the first question was asked */
  askedAtMs: number;
  /** questions without an answer; if a question's request has ended, its answer never comes */
  underWay: number;
}

/**
 * Asks the origin about lectures that Redis does not know, and remembers the answer for 1 s. A
 * whole crowd may press during a load, and every question reaches MySQL.
 */
export function openNotLoaded(
  origin: Origin,
  now: () => number = () => performance.now(),
): WhyNotLoaded {
  const known = createRecent<Known>(LECTURES_MAX);
  const longOver = createLongOverLectures(now);

  return async (lectureId, requestId) => {
    const over = longOver.of(lectureId);
    if (over) return over;
    const nowMs = now();
    const last = known.get(lectureId);
    const isFresh = last !== undefined && nowMs - last.askedAtMs < TRUE_FOR_MS;
    if (isFresh && last.why) return last.why;
    if (isFresh && last.underWay >= AT_ONCE) return NOT_READY;
    if (isFresh) last.underWay += 1;
    else known.set(lectureId, { why: undefined, askedAtMs: nowMs, underWay: 1 });
    const why = await ask(origin, lectureId, requestId, longOver);
    // A late answer to an old question does not replace a newer answer.
    if (nowMs >= (known.get(lectureId)?.askedAtMs ?? nowMs))
      known.set(lectureId, { why, askedAtMs: nowMs, underWay: 0 });
    return why;
  };
}

async function ask(
  origin: Origin,
  lectureId: LectureId,
  requestId: string,
  longOver: LongOverLectures,
): Promise<NotLoaded> {
  const answer = await askFor(Lecture, origin, {
    method: "GET",
    path: `/lectures/${lectureId}`,
    requestId,
  });
  if (answer.outcome === "answered") return longOver.learn(answer.value) ?? NOT_READY;
  if (answer.outcome === "refused" && answer.code === "lecture_not_found")
    return { code: answer.code };
  if (answer.outcome === "unknown") logFailure("degraded", "lecture", requestId, answer.error);
  return NOT_READY;
}
