import { type Claim, findClaim } from "../admission/find-claim.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import { lectureOf, type Rid, type UserId } from "../contract/ids.ts";

/**
 * The user's claim under this rid; throws if Redis cannot be asked. While it stands the reservation
 * exists, even if the origin does not know it: its command is on the way.
 */
export async function findOwnClaim(
  redis: AdmissionRedis,
  userId: UserId,
  rid: Rid,
): Promise<Claim | undefined> {
  const claim = await findClaim(redis, { lectureId: lectureOf(rid), userId });
  return claim?.rid === rid ? claim : undefined;
}
