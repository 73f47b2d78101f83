import { randomUUID } from "node:crypto";
import type { ReserveCommand } from "../../../contract/command.ts";
import type { LectureId } from "../../../contract/ids.ts";

/** Commands of a rush: each of another user, made before the measurement. */
export function prepareCommands(lectureId: LectureId, count: number): ReserveCommand[] {
  const claimedAtMs = Date.now();
  return Array.from({ length: count }, (_, index) => ({
    kind: "reserve",
    rid: `${lectureId}-${randomUUID().replaceAll("-", "")}`,
    lectureId,
    userId: `s${20_230_000 + index}`,
    claimedAtMs,
  }));
}
