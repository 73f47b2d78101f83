import type { LectureId } from "../../contract/ids.ts";
import { edgeClient } from "../../proof/kit/edge-client.ts";
import { insertLecture, type LectureDatabases } from "../../stack/insert-lecture.ts";

const HOUR_MS = 3_600_000;
const SHOWN_WITHIN_MS = 15_000;

/** Publishes a lecture that opens at `opensAtMs`, and waits until the edge shows it. */
export async function publishLecture(
  databases: LectureDatabases,
  { edgeUrl, seats, opensAtMs }: { edgeUrl: string; seats: number; opensAtMs: number },
): Promise<LectureId> {
  const lectureId = await insertLecture(databases, {
    title: `压力测试 · A load test for ${seats} seats`,
    speaker: "npm run load",
    venue: "-",
    opensAt: new Date(opensAtMs),
    closesAt: new Date(Date.now() + 24 * HOUR_MS),
    startsAt: new Date(Date.now() + 25 * HOUR_MS),
    endsAt: new Date(Date.now() + 26 * HOUR_MS),
    capacity: seats,
  });
  const endsAtMs = performance.now() + SHOWN_WITHIN_MS;
  while (typeof (await edgeClient(edgeUrl).availability(lectureId)) === "string") {
    if (performance.now() > endsAtMs)
      throw new Error(`the edge does not show lecture ${lectureId}`);
    await Bun.sleep(50);
  }
  return lectureId;
}
