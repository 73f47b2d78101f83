import type { ReserveCommand } from "../../contract/command.ts";
import { type LectureId, ridOf } from "../../contract/ids.ts";

/** Returns a function that makes commands for the lectures in turn, each of another new user. */
export function commandMaker(lectureIds: LectureId[]): () => ReserveCommand {
  const crowd = Math.random().toString(36).slice(2, 8).toUpperCase();
  let made = 0;
  return () => {
    const lectureId = lectureIds[made % lectureIds.length] ?? "1";
    made += 1;
    const userId = `s-${crowd}${String(made).padStart(7, "0")}`;
    const rid = ridOf(lectureId, userId, "press");
    return { kind: "reserve", rid, lectureId, userId, claimedAtMs: Date.now() };
  };
}

/** Commands of a rush, made before the measurement. */
export function prepareCommands(lectureIds: LectureId[], count: number): ReserveCommand[] {
  return Array.from({ length: count }, commandMaker(lectureIds));
}
