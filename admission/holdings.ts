import type { Redis } from "@upstash/redis";
import { errors } from "@upstash/redis/cloudflare";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { readTime } from "./redis-time.ts";
import { saysRefused } from "./refused.ts";

/** The claims that Redis holds of one lecture. */
export interface Holdings {
  lectureId: LectureId;
  /** claims without a decision */
  held: number;
  confirmed: number;
  /** time of the oldest held claim, by Redis' clock in Unix milliseconds */
  oldestHeldAtMs: number | undefined;
}

/**
 * The claims of each lecture and Redis' time, in one round trip. Leaves out lectures whose keys are
 * of a wrong type. The figures of one lecture are read one by one; a settlement may come in
 * between. Rejects where Redis does not answer or give the time, or answers with another error.
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
  if (nowMs === undefined) throw new Error("Redis gave no time");
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
