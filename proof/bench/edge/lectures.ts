import type { Redis } from "@upstash/redis";
import { decodeJwt } from "jose";
import { openAdmission } from "../../../admission/opening.ts";
import { listedClaims, loadLecture } from "../../../test/load-lecture.ts";
import { randomLectureId } from "../../../test/servers.ts";

/**
 * The state of a loaded lecture: `refusing` has no free seat, `held` has many and one student holds
 * one, `taking` has more seats than any load takes.
 */
export type LoadedFor = "refusing" | "held" | "taking";

const CAPACITY = { refusing: 0, held: 1_000, taking: 50_000_000 };

/** Loads new lectures into Redis, and nowhere else. Returns their ids. */
export async function loadLectures(
  redis: Redis,
  loaded: LoadedFor,
  holder: string,
  count: number,
): Promise<string[]> {
  await openAdmission(redis);
  const ids: string[] = [];
  for (let lecture = 0; lecture < count; lecture += 1) {
    const lectureId = randomLectureId();
    const nowMs = Date.now();
    const window = { opensAtMs: nowMs - 60_000, closesAtMs: nowMs + 3_600_000 };
    const rid = `${lectureId}-${"0".repeat(32)}`;
    const held = { userId: userOf(holder), rid, state: "held" as const, claimedAtMs: nowMs };
    await loadLecture(
      redis,
      { lectureId, ...window, capacity: CAPACITY[loaded], cancelled: false },
      listedClaims(loaded === "held" ? [held] : []),
    );
    ids.push(lectureId);
  }
  return ids;
}

/** The student of a token. */
export function userOf(token: string): string {
  return decodeJwt(token).sub ?? "";
}
