import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import type { AdmissionRedis } from "./script.ts";

/**
 * Closes admission to a lecture until the loader has loaded it again. A load in progress ends: it
 * may have read the decisions before the one that Redis lacks. A lecture whose own key is of a
 * wrong type is left alone; it admits nobody.
 *
 * Throws when Redis does not answer or refuses writes: the lecture may then be open.
 */
export async function closeLecture(
  redis: Pick<AdmissionRedis, "hset">,
  lectureId: LectureId,
): Promise<void> {
  try {
    await redis.hset(redisKeys.lecture(lectureId), { ready: "0", load: "", mark: "" });
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("WRONGTYPE"))) throw error;
  }
}
