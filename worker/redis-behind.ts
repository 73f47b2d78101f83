import { redisKeys } from "../contract/names.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { WorkerDeps } from "./deps.ts";
import type { Decision } from "./rules.ts";

/**
 * Closes the lectures that Redis is behind on. A command that finds no seat left shows that Redis
 * knows too few claims or too many seats. The loader finds the lecture not ready and loads it
 * again: once, instead of many rejections. When Redis does not answer, the next such rejection
 * tries again.
 *
 * @param decisions new or found; only those since `sinceMs` describe the present
 * @param sinceMs in Unix milliseconds, by the batch's clock
 */
export async function closeWhereBehind(
  deps: WorkerDeps,
  decisions: Decision[],
  sinceMs: number,
): Promise<void> {
  const behind = decisions.filter(
    ({ reason, decidedAtMs }) => reason === "sold_out" && decidedAtMs >= sinceMs,
  );
  for (const lectureId of new Set(behind.map((decision) => decision.lectureId))) {
    deps.log.warn(
      { event: "redis_behind", lectureId },
      "Redis let more users through than there are seats; the loader loads the lecture again",
    );
    await deps.redis.hset(redisKeys.lecture(lectureId), { ready: "0" }).catch(() => {});
    crashPoint("worker.lecture_closed");
  }
}
