import { redisKeys } from "../../../../contract/names.ts";
import type { StackEnvironment } from "../../../../stack/environment.ts";
import { openLectureDatabases } from "../../../../stack/insert-lecture.ts";
import { eventually } from "../../../../test/servers.ts";
import { pressing } from "../../edge/crowd.ts";
import { CONNECTIONS } from "../../edge/load.ts";
import { makeLectures, untilLoaded } from "../../lectures.ts";
import { readRow } from "../../read-row.ts";
import { redisOf } from "../../servers.ts";
import { runWrk } from "../../wrk.ts";

/**
 * The lectures of one measurement, pressed for one after the other: more presses than can be
 * answered.
 */
const LECTURES = { count: 20, seats: 1_000_000 };
const DECIDED_WITHIN_MS = 60_000;
const CONFIRMED = `
  SELECT COUNT(*) AS confirmed FROM reservation WHERE lecture_id IN (?) AND status = 'confirmed'`;

/**
 * Presses for new lectures, and waits until all claims are decided. Returns the rows confirmed per
 * second, from the first press to the last decision.
 */
export async function confirmAll(
  environment: StackEnvironment,
  { edgeUrl, tokens, seconds }: { edgeUrl: string; tokens: string[]; seconds: number },
): Promise<number> {
  const databases = openLectureDatabases(environment, 2);
  const redis = redisOf(environment);
  try {
    const lectureIds = await makeLectures(databases, LECTURES);
    await untilLoaded(redis, lectureIds);
    const startedAtMs = performance.now();
    const lua = pressing(tokens, lectureIds);
    await runWrk({ url: edgeUrl, seconds, connections: CONNECTIONS, lua });
    const heldOf = (id: string) => redis.zcard(redisKeys.held(id));
    await eventually(
      "every claim is decided",
      async () => (await Promise.all(lectureIds.map(heldOf))).every((held) => Number(held) === 0),
      DECIDED_WITHIN_MS,
    );
    const tookMs = performance.now() - startedAtMs;
    const { confirmed } = await readRow<"confirmed">(databases.database, CONFIRMED, [lectureIds]);
    return (1_000 * confirmed) / tookMs;
  } finally {
    await databases.close();
  }
}
