import { findClaim } from "../admission/find-claim.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import { lectureOf, type Rid, type UserId } from "../contract/ids.ts";

/**
 * Whether the user holds a claim under this very rid. Then the reservation exists although the origin has not heard of it: its
 * command is on the way. Throws when Redis cannot be asked.
 */
export async function holdsClaim(redis: AdmissionRedis, userId: UserId, rid: Rid): Promise<boolean> {
  const found = await findClaim(redis, { lectureId: lectureOf(rid), userId });
  return found?.rid === rid;
}
