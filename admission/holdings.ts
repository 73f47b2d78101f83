import type { Redis } from "@upstash/redis";
import { errors } from "@upstash/redis/cloudflare";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { readTime } from "./redis-time.ts";
import { saysRefused } from "./refused.ts";

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
 * How many claims the lectures have, and what o'clock Redis has it, all in one round trip. A lecture whose keys are not
 * what they should be is left out. Throws when Redis does not answer, or answers anything else with an error.
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
  const replies = await pipeline.exec<unknown[]>({ keepErrors: true });
  for (const { error } of replies)
    if (error && !saysRefused(error)) throw new errors.UpstashError(error);
  const [time, ...figures] = replies;
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
