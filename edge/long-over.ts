import type { LectureId } from "../contract/ids.ts";
import type { Lecture } from "../contract/lecture.ts";
import { createRecent } from "./recent.ts";

/** A lecture that takes no bookings any more, and what who tries to book it is told. */
export interface LongOver {
  lecture: Lecture;
  code: "closed" | "lecture_cancelled";
}

/**
 * What this isolate or process knows of lectures that are long over. Redis forgets a lecture a
 * month after its window closed, so who presses then would ask the origin, and so MySQL, with every
 * press.
 */
export interface LongOverLectures {
  /** What the origin said of the lecture in the last minute, where it is long over. */
  of(lectureId: LectureId): LongOver | undefined;
  /** Remembers a lecture if it is long over, and tells whether it is. */
  learn(lecture: Lecture): LongOver | undefined;
}

/**
 * A window may be opened anew; then Redis knows the lecture, and nobody asks here. In milliseconds.
 */
const TRUE_FOR_MS = 60_000;

/**
 * By so much a window must have been over by this machine's clock, in milliseconds. Until then
 * Redis' clock may say that it is open: that is for Redis to say, once it knows the lecture.
 */
const CLOCK_WRONG_BY_MS = 900_000;

const LECTURES_MAX = 1_000;

/** @param now monotonic time, in milliseconds */
export function createLongOverLectures(
  now: () => number = () => performance.now(),
): LongOverLectures {
  const known = createRecent<{ learntAtMs: number; over: LongOver }>(LECTURES_MAX);
  return {
    of(lectureId) {
      const entry = known.get(lectureId);
      return entry && now() - entry.learntAtMs < TRUE_FOR_MS ? entry.over : undefined;
    },

    learn(lecture) {
      if (Date.now() - Date.parse(lecture.closesAt) < CLOCK_WRONG_BY_MS) return undefined;
      const over = { lecture, code: lecture.cancelled ? "lecture_cancelled" : "closed" } as const;
      known.set(lecture.id, { learntAtMs: now(), over });
      return over;
    },
  };
}
