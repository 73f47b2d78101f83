import type { Redis } from "@upstash/redis";
import type { LectureId, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { type Claim, readClaim } from "./find-claim.ts";
import { pipelined } from "./pipelined.ts";

/**
 * The user's live claims among these lectures, in one round trip. Leaves out lectures whose claims
 * Redis refuses to read. Throws when Redis does not answer.
 */
export async function findClaims(
  redis: Pick<Redis, "pipeline">,
  lectureIds: LectureId[],
  userId: UserId,
): Promise<Claim[]> {
  const values = await pipelined(redis, lectureIds, (pipeline, id) =>
    pipeline.hget(redisKeys.claims(id), userId),
  );
  return values.flatMap((value) => (typeof value === "string" ? [readClaim(value)] : []));
}
