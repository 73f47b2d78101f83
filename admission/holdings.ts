import type { Redis } from "@upstash/redis";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { readTime } from "./redis-time.ts";

/** What Redis holds of one lecture. */
export interface Holdings {
  lectureId: LectureId;
  /** claims that are not decided yet */
  held: number;
  confirmed: number;
  /** when the oldest of the held ones was claimed, by Redis' clock, in Unix milliseconds */
  oldestHeldAtMs: number | undefined;
}

/**
 * How many claims the lectures have, and what o'clock Redis has it, all in one round trip. A lecture whose keys cannot be read is left out.
 * The numbers of one lecture are read one after the other, and a settlement may come in between.
 * Rejects where Redis does not tell the time.
 */
export async function readHoldings(
  redis: Pick<Redis, "pipeline">,
  lectureIds: LectureId[],
): Promise<{ nowMs: number; holdings: Holdings[] }> {
  const pipeline = redis.pipeline();
  pipeline.time();
  for (const id of lectureIds) {
    pipeline.zcard(redisKeys.held(id));
    pipeline.hlen(redisKeys.claims(id));
    pipeline.zrange(redisKeys.held(id), 0, 0, { withScores: true });
  }
  const [time, ...figures] = await pipeline.exec<unknown[]>({ keepErrors: true });
  const nowMs = readTime(time?.result);
  if (nowMs === undefined) throw new Error("Redis does not tell the time");
  const holdings = lectureIds.flatMap((lectureId, at) => {
    const [held, claims, oldest] = figures.slice(3 * at, 3 * at + 3);
    if (!held || !claims || !oldest || held.error || claims.error || oldest.error) return [];
    const claimedAtMs = (oldest.result as unknown[])[1];
    return [
      {
        lectureId,
        held: Number(held.result),
        confirmed: Number(claims.result) - Number(held.result),
        oldestHeldAtMs: claimedAtMs === undefined ? undefined : Number(claimedAtMs),
      },
    ];
  });
  return { nowMs, holdings };
}
