import type { LectureId } from "../../contract/ids.ts";
import type { Availability } from "../../contract/lecture.ts";
import { insertLecture } from "../../stack/insert-lecture.ts";
import { readRedisTimeMs } from "../audit/read-redis.ts";
import type { AuditSources } from "../audit/sources.ts";
import type { EdgeClient } from "./edge-client.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A worker loads a new lecture within about a second. */
const LOADED_WITHIN_MS = 15_000;
const POLL_MS = 50;

/**
 * Makes the lecture of a rush. It opens in `opensInS` seconds by Redis' clock and closes
 * `openForMin` minutes later.
 */
export async function makeLecture(
  { database, catalogue, redis }: AuditSources,
  {
    seats,
    opensInS,
    seed,
    openForMin = 10,
  }: { seats: number; opensInS: number; seed: number; openForMin?: number },
): Promise<LectureId> {
  const opensAtMs = (await readRedisTimeMs(redis)) + opensInS * 1_000;
  return await insertLecture(
    { database, catalogue },
    {
      title: `抢座演练 · A rush for ${seats} seats (seed ${seed})`,
      speaker: "npm run rush",
      venue: "-",
      startsAt: new Date(opensAtMs + 24 * HOUR_MS),
      endsAt: new Date(opensAtMs + 26 * HOUR_MS),
      opensAt: new Date(opensAtMs),
      closesAt: new Date(opensAtMs + openForMin * MINUTE_MS),
      capacity: seats,
    },
  );
}

/**
 * Waits until the edge shows the lecture. Returns its availability, and the middle of that round
 * trip as a time of `performance.now()`. Rejects if the lecture is not shown within 15 s.
 */
export async function firstShown(
  edge: EdgeClient,
  lectureId: LectureId,
): Promise<{ shown: Availability; middleMs: number }> {
  const endsAtMs = performance.now() + LOADED_WITHIN_MS;
  for (;;) {
    const sentAtMs = performance.now();
    const shown = await edge.availability(lectureId);
    if (typeof shown !== "string") return { shown, middleMs: (sentAtMs + performance.now()) / 2 };
    if (performance.now() > endsAtMs)
      throw new Error(
        `the edge does not show lecture ${lectureId}: ${shown} (is a worker running?)`,
      );
    await Bun.sleep(POLL_MS);
  }
}

/**
 * Waits until the edge shows the lecture. Returns the opening as a time of `performance.now()`, by
 * the server's clock, to which a page sets its own. Rejects if the lecture is shown only after its
 * opening.
 */
export async function untilShown(edge: EdgeClient, lectureId: LectureId): Promise<number> {
  const { shown, middleMs } = await firstShown(edge, lectureId);
  if (shown.state !== "upcoming")
    throw new Error(
      `lecture ${lectureId} was ${shown.state} before anybody pressed: try a longer --opens-in`,
    );
  return middleMs + Date.parse(shown.opensAt) - Date.parse(shown.serverTime);
}
