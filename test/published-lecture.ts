import type { Terms } from "../contract/terms.ts";
import { insertLecture, type LectureDatabases } from "../stack/insert-lecture.ts";

const HOUR_MS = 3_600_000;
const nowMs = Date.now();

/** Of a lecture that is open and starts in two hours. */
export const TERMS: Terms = {
  version: 1,
  published: true,
  cancelled: false,
  opensAtMs: nowMs - HOUR_MS,
  closesAtMs: nowMs + HOUR_MS,
  startsAtMs: nowMs + 2 * HOUR_MS,
  endsAtMs: nowMs + 3 * HOUR_MS,
  cancelUntilMs: null,
  capacity: 5,
  audience: [],
};

/** Makes a lecture with these terms. */
export async function publishedLecture(databases: LectureDatabases): Promise<string> {
  const at = (ms: number) => new Date(ms);
  return await insertLecture(databases, {
    title: "Light",
    speaker: "P",
    venue: "H",
    opensAt: at(TERMS.opensAtMs),
    closesAt: at(TERMS.closesAtMs),
    startsAt: at(TERMS.startsAtMs),
    endsAt: at(TERMS.endsAtMs),
    capacity: TERMS.capacity,
  });
}
