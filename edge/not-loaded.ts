import type { LectureId } from "../contract/ids.ts";
import { Lecture } from "../contract/lecture.ts";
import { logFailure } from "./log.ts";
import { askFor } from "./origin-answers.ts";
import type { Origin } from "./origin-client.ts";
import { createRecent } from "./recent.ts";

/** What is told of a lecture that Redis does not know. */
export type NotLoadedCode = "lecture_not_found" | "not_ready";

/** Tells why Redis does not know a lecture. Never rejects. */
export type WhyNotLoaded = (lectureId: LectureId, requestId: string) => Promise<NotLoadedCode>;

/** For how long what the origin said may be repeated, in milliseconds from before the question. */
const TRUE_FOR_MS = 1_000;

/** Questions about one lecture under way at once. Further requests are told `not_ready` at once: a
 * crowd comes for a lecture that is being loaded, hardly for one that does not exist.
 */
const AT_ONCE = 4;

/** Lectures remembered at once. */
const LECTURES_MAX = 2_000;

interface Known {
  code: NotLoadedCode | undefined;
  /** when the answered question was asked; without an answer, when the first question was */
  askedAtMs: number;
  /** questions without an answer; a question whose request has ended never gets one */
  underWay: number;
}

/**
 * Asks the origin about lectures that Redis does not know, and remembers its answer for a second: a
 * whole crowd may press for a lecture while it is loaded, and every question reaches MySQL.
 */
export function openNotLoaded(origin: Origin, now: () => number = () => performance.now()): WhyNotLoaded {
  const known = createRecent<Known>(LECTURES_MAX);

  return async (lectureId, requestId) => {
    const nowMs = now();
    const last = known.get(lectureId);
    const isFresh = last !== undefined && nowMs - last.askedAtMs < TRUE_FOR_MS;
    if (isFresh && last.code) return last.code;
    if (isFresh && last.underWay >= AT_ONCE) return "not_ready";
    if (isFresh) last.underWay += 1;
    else known.set(lectureId, { code: undefined, askedAtMs: nowMs, underWay: 1 });
    const code = await codeOf(origin, lectureId, requestId);
    // A late answer to an old question does not take the place of a newer one.
    if (nowMs >= (known.get(lectureId)?.askedAtMs ?? nowMs))
      known.set(lectureId, { code, askedAtMs: nowMs, underWay: 0 });
    return code;
  };
}

async function codeOf(origin: Origin, lectureId: LectureId, requestId: string): Promise<NotLoadedCode> {
  const answer = await askFor(Lecture, origin, { method: "GET", path: `/lectures/${lectureId}`, requestId });
  if (answer.outcome === "refused" && answer.code === "lecture_not_found") return "lecture_not_found";
  if (answer.outcome === "unknown") logFailure("degraded", "lecture", requestId, answer.error);
  return "not_ready";
}
