import type { LectureId } from "../contract/ids.ts";
import type { Lecture } from "../contract/lecture.ts";
import { createRecent } from "./recent.ts";

/** A lecture that takes no bookings any more, and the code of the refusal. */
export interface LongOver {
  lecture: Lecture;
  code: "closed" | "lecture_cancelled";
}

/**
 * What this isolate or process knows of lectures that are long over. Redis forgets a lecture a
 * month after its window closed. Without this memory every later press would ask the origin, and so
 * MySQL.
 */
export interface LongOverLectures {
  /** The origin's answer, if it is less than a minute old and the lecture is long over. */
  of(lectureId: LectureId): LongOver | undefined;
  /** Remembers a lecture that is long over; returns undefined for any other lecture. */
  learn(lecture: Lecture): LongOver | undefined;
}

/**
 * How long an answer may be repeated, in milliseconds. If a window opens again, Redis knows the
 * lecture, and no request asks here.
 */
const TRUE_FOR_MS = 60_000;

/**
 * How long a window must have been over by this machine's clock, in milliseconds. Until then it may
 * be open by Redis' clock, which decides once Redis knows the lecture.
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
      if (Date.now() - windowEndMs(lecture) < CLOCK_WRONG_BY_MS) return undefined;
      const over = { lecture, code: lecture.cancelled ? "lecture_cancelled" : "closed" } as const;
      known.set(lecture.id, { learntAtMs: now(), over });
      return over;
    },
  };
}

/** The end of booking, in Unix milliseconds: at the lecture's start at the latest. */
export function windowEndMs({ closesAt, startsAt }: Lecture): number {
  return Math.min(Date.parse(closesAt), Date.parse(startsAt));
}
