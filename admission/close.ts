import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import type { AdmissionRedis } from "./script.ts";

/**
 * Closes admission to a lecture until the loader has loaded it again. A load in progress ends: it
 * may have read the decisions before the one that Redis lacks. A lecture whose own key is of a
 * wrong type admits nobody anyway, and is left alone.
 *
 * Throws when Redis does not answer or is not writable: the lecture may then be open.
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
