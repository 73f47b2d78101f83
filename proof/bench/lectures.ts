import { findReady } from "../../admission/load.ts";
import type { AdmissionRedis } from "../../admission/script.ts";
import type { LectureId } from "../../contract/ids.ts";
import { inParallel } from "../../pending/in-parallel.ts";
import { insertLecture, type LectureDatabases } from "../../stack/insert-lecture.ts";
import { eventually } from "../../test/servers.ts";

const HOUR_MS = 3_600_000;
const LOADED_WITHIN_MS = 60_000;

export interface Lectures {
  count: number;
  /** of each lecture */
  seats: number;
}

/** Makes open lectures. Returns their ids; a worker loads them. */
export async function makeLectures(
  databases: LectureDatabases,
  { count, seats }: Lectures,
): Promise<LectureId[]> {
  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
  const times = { opensAt: at(-1), closesAt: at(24), startsAt: at(48), endsAt: at(50) };
  const lecture = { title: "bench", speaker: "-", venue: "-", ...times, capacity: seats };
  return await inParallel(Array.from({ length: count }), 8, () =>
    insertLecture(databases, lecture),
  );
}

/** Waits until Redis admits to all of these. */
export async function untilLoaded(redis: AdmissionRedis, lectureIds: LectureId[]): Promise<void> {
  await eventually(
    "the worker loads the lectures",
    async () => (await findReady(redis, lectureIds)).size === lectureIds.length,
    LOADED_WITHIN_MS,
  );
}
