import type { ReserveCommand } from "../contract/command.ts";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import { readClaim } from "./find-claim.ts";
import { type AdmissionRedis, run, script } from "./script.ts";
import source from "./settle.lua";

/** A written decision, to be carried over to the claim of its rid. */
export interface Settlement {
  userId: UserId;
  rid: Rid;
  status: DecisionStatus;
  claimedAtMs: number;
}

/** What one call of `settle` did. */
export interface Settled {
  /** how many claims it confirmed and released */
  confirmed: number;
  released: number;
  /** the held claims that stood in the way of a confirmation, each as the command that asks for its decision */
  rivals: ReserveCommand[];
}

const settleScript = script(source);

/**
 * Makes the claims of one lecture agree with its decisions: confirmed ones are marked, the others released. Settling again changes
 * nothing. One to a thousand settlements in one call, so that the script stays short.
 *
 * A user's held claim of another rid stays, and keeps the user's confirmation out of Redis. It is there because Redis had lost the
 * claim that is confirmed. Once its own rid is decided and settled, the confirmation has to be settled again. Of one user, what
 * releases a claim therefore comes before what confirms one.
 */
export async function settle(
  redis: AdmissionRedis,
  lectureId: LectureId,
  settlements: Settlement[],
): Promise<Settled> {
  const keys = [
    redisKeys.claims(lectureId),
    redisKeys.held(lectureId),
    redisKeys.released(lectureId),
  ];
  const args: string[] = [];
  for (const settlement of settlements) args.push(settlement.userId, decidedOf(settlement));
  const [confirmed, released, rivals] = (await run(redis, settleScript, keys, args)) as [
    number,
    number,
    string[],
  ];
  return {
    confirmed: Number(confirmed),
    released: Number(released),
    rivals: rivalsOf(lectureId, rivals),
  };
}

/** @param found users and their claims in turn */
function rivalsOf(lectureId: LectureId, found: string[]): ReserveCommand[] {
  const rivals: ReserveCommand[] = [];
  for (let at = 0; at < found.length; at += 2) {
    const { rid, claimedAtMs } = readClaim(String(found[at + 1]));
    rivals.push({ kind: "reserve", rid, lectureId, userId: String(found[at]), claimedAtMs });
  }
  return rivals;
}

/** What was decided, as the script takes it: of a confirmed claim what is to stand in Redis. */
export function decidedOf({ rid, status, claimedAtMs }: Omit<Settlement, "userId">): string {
  return status === "confirmed" ? `k:${claimedAtMs}:${rid}` : `${status}:${rid}`;
}
