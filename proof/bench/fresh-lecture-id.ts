import { randomInt } from "node:crypto";
import type { LectureId } from "../../contract/ids.ts";

/** A lecture id without another user. */
export function freshLectureId(): LectureId {
  return String(randomInt(1e14, 2e14));
}
