import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import source from "./forget.lua";
import { type AdmissionRedis, run, script } from "./script.ts";

/** Redis keeps a lecture until this long after its window closed, in milliseconds: 30 days. */
export const KEPT_MS = 30 * 86_400_000;

const forgetScript = script(source);

/** Keys that Redis looks at for one page. */
const PAGE = 500;

/** The lectures of which Redis has terms, page by page; an id may come twice. */
export async function* scanLectures(
  redis: Pick<AdmissionRedis, "scan">,
): AsyncGenerator<LectureId[]> {
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, { match: redisKeys.lecture("*"), count: PAGE });
    yield keys.flatMap((key) => /^lectern:\{([0-9]+)\}:lecture$/.exec(key)?.[1] ?? []);
    cursor = String(next);
  } while (cursor !== "0");
}

/** Removes what Redis has of a lecture that is long over; false where it is not, or not settled. */
export async function forget(redis: AdmissionRedis, lectureId: LectureId): Promise<boolean> {
  const { lecture, claims, held, released } = redisKeys;
  const keys = [lecture(lectureId), claims(lectureId), held(lectureId), released(lectureId)];
  return Number(await run(redis, forgetScript, keys, [String(KEPT_MS)])) === 1;
}
