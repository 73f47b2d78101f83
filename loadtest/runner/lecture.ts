import type { LectureId } from "../../contract/ids.ts";
import type { EdgeClient } from "../../proof/kit/edge-client.ts";
import { firstShown } from "../../proof/kit/lecture.ts";
import { insertLecture, type LectureDatabases } from "../../stack/insert-lecture.ts";

const HOUR_MS = 3_600_000;

/** Publishes a lecture that opens at `opensAtMs`, and waits until the edge shows it. */
export async function publishLecture(
  databases: LectureDatabases,
  edge: EdgeClient,
  { seats, opensAtMs }: { seats: number; opensAtMs: number },
): Promise<LectureId> {
  const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
  const lectureId = await insertLecture(databases, {
    title: `压力测试 · A load test for ${seats} seats`,
    speaker: "npm run load",
    venue: "-",
    opensAt: new Date(opensAtMs),
    closesAt: inHours(24),
    startsAt: inHours(25),
    endsAt: inHours(26),
    capacity: seats,
  });
  await firstShown(edge, lectureId);
  return lectureId;
}
