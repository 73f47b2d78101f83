import { type Claim, findClaim } from "../admission/find-claim.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import { lectureOf, type Rid, type UserId } from "../contract/ids.ts";

/**
 * The claim the user holds under this very rid. While there is one the reservation exists, although the origin may not
 * have heard of it: its command is on the way. Throws when Redis cannot be asked.
 */
export async function findOwnClaim(
  redis: AdmissionRedis,
  userId: UserId,
  rid: Rid,
): Promise<Claim | undefined> {
  const claim = await findClaim(redis, { lectureId: lectureOf(rid), userId });
  return claim?.rid === rid ? claim : undefined;
}
