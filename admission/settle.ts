import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import { type AdmissionRedis, run, script } from "./script.ts";
import source from "./settle.lua";

/** A written decision, to be carried over to the claim of its rid. */
export interface Settlement {
  userId: UserId;
  rid: Rid;
  status: DecisionStatus;
  claimedAtMs: number;
}

const settleScript = script(source);

/**
 * Makes the claims of one lecture agree with its decisions: confirmed ones are marked, the others released. Settling again changes
 * nothing. One to a thousand settlements in one call, so that the script stays short.
 *
 * @returns how many claims this call confirmed and released
 */
export async function settle(
  redis: AdmissionRedis,
  lectureId: LectureId,
  settlements: Settlement[],
): Promise<{ confirmed: number; released: number }> {
  const keys = [redisKeys.claims(lectureId), redisKeys.held(lectureId), redisKeys.released(lectureId)];
  const args: string[] = [];
  for (const settlement of settlements) args.push(settlement.userId, decidedOf(settlement));
  const [confirmed, released] = (await run(redis, settleScript, keys, args)) as [number, number];
  return { confirmed: Number(confirmed), released: Number(released) };
}

/** What was decided, as the script takes it: of a confirmed claim what is to stand in Redis. */
export function decidedOf({ rid, status, claimedAtMs }: Omit<Settlement, "userId">): string {
  return status === "confirmed" ? `k:${claimedAtMs}:${rid}` : `${status}:${rid}`;
}
