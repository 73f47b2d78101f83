import { redisKeys } from "../contract/names.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { WorkerDeps } from "./deps.ts";
import type { Decision } from "./rules.ts";

/**
 * A command that finds no seat left was let through by a Redis that knows fewer claims, or more seats, than there are. Admission to its
 * lecture is closed, and the loader, which finds it not ready, loads it anew: once, and not one rejection after another. When
 * Redis does not answer, the next such rejection tries again.
 *
 * @param decisions what a batch decided or found decided; only those since `sinceMs` tell anything of now
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
      "Redis let more through than there are seats",
    );
    await deps.redis.hset(redisKeys.lecture(lectureId), { ready: "0" }).catch(() => {});
    crashPoint("worker.lecture_closed");
  }
}
