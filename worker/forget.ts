import { forget, scanLectures } from "../admission/forget.ts";
import { isRefusedByRedis } from "../admission/refused.ts";
import type { LoaderDeps } from "./deps.ts";
import { errorName } from "./error-name.ts";
import { readClaimedLectures } from "./lecture-stock.ts";

/** How often the leader forgets, in milliseconds. */
const FORGET_EVERY_MS = 3_600_000;

/** Removes from Redis what is long over, hourly, while this worker leads and until it stops. */
export async function keepForgetting(deps: LoaderDeps): Promise<void> {
  while (!deps.stopping.aborted) {
    if (deps.leads())
      await forgetAll(deps).catch((err) => {
        if (!deps.stopping.aborted)
          deps.log.warn(
            { event: "forget_failed", err: errorName(err) },
            "forgetting lectures later",
          );
      });
    await deps.clock.sleep(FORGET_EVERY_MS, deps.stopping);
  }
}

/**
 * Forgets every lecture that neither Redis' terms nor MySQL's have a use for. MySQL has to agree: a
 * lecture that the loader would load again stays. A lecture that is opened again is loaded again.
 *
 * @returns the number of lectures forgotten
 */
export async function forgetAll(deps: LoaderDeps): Promise<number> {
  const kept = new Set(
    (await readClaimedLectures(deps.database)).map(({ lectureId }) => lectureId),
  );
  let forgotten = 0;
  for await (const page of scanLectures(deps.redis)) {
    for (const lectureId of page) {
      if (kept.has(lectureId)) continue;
      if (!deps.leads() || deps.stopping.aborted) return forgotten;
      forgotten += (await forgetUnlessRefused(deps, lectureId)) ? 1 : 0;
    }
  }
  if (forgotten > 0)
    deps.log.info({ event: "lectures_forgotten", lectures: forgotten }, "lectures are long over");
  return forgotten;
}

/** Keys of a wrong type stay: an operator has to look at them. */
async function forgetUnlessRefused({ redis }: LoaderDeps, lectureId: string): Promise<boolean> {
  try {
    return await forget(redis, lectureId);
  } catch (error) {
    if (!isRefusedByRedis(error)) throw error;
    return false;
  }
}
