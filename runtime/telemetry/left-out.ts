import type { Logger } from "pino";
import type { LectureId } from "../../contract/ids.ts";

/** Lectures remembered at most. A catalogue with more senseless lectures has them logged again. */
const REMEMBERED_MAX = 10_000;

/** Logs that a lecture is left out, and why. */
export type TellLeftOut = (lectureId: LectureId, why: string) => void;

/** Logs each left-out lecture once, however often its row is read, and again for another reason. */
export function createLeftOutLog(log: Pick<Logger, "error">): TellLeftOut {
  const told = new Map<LectureId, string>();
  return (lectureId, why) => {
    if (told.get(lectureId) === why) return;
    if (told.size >= REMEMBERED_MAX) told.clear();
    told.set(lectureId, why);
    log.error(
      { event: "lecture_left_out", lectureId, why },
      "the lecture is left out; correct its row",
    );
  };
}
