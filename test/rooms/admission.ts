import type { LoadedClaim } from "../../admission/load.ts";
import { type LectureId, ridOf } from "../../contract/ids.ts";

/** The terms of a lecture that is open for a minute. */
export function lectureOf(lectureId: LectureId, capacity = 3) {
  const [opensAtMs, closesAtMs] = [Date.now() - 1_000, Date.now() + 60_000];
  return { lectureId, opensAtMs, closesAtMs, capacity, cancelled: false };
}

/** A claim that was made long ago, under the user's only rid. */
export function claimOf(
  lectureId: LectureId,
  userId: string,
  state: LoadedClaim["state"],
): LoadedClaim {
  return { userId, rid: ridOf(lectureId, userId, "k"), state, claimedAtMs: 1 };
}

/** A loader that takes two claims a step, so that a load has several steps. */
export function loaderOf(name: string, sizes = { dropped: 2, added: 2 }) {
  return { name, mark: "this Redis", sizes };
}
