import type { ReserveCommand } from "../contract/command.ts";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { noCase } from "../contract/no-case.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import { readClaim } from "./find-claim.ts";
import { type AdmissionRedis, run, script } from "./script.ts";
import source from "./settle.lua";

/** A written decision, to be settled into the claim of its rid. */
export interface Settlement {
  userId: UserId;
  rid: Rid;
  status: DecisionStatus;
  claimedAtMs: number;
}

/** The effects of one `settle` call. */
export interface Settled {
  /** number of claims confirmed; `released` is the number released */
  confirmed: number;
  released: number;
  /** held claims that block a confirmation, each as the command that asks for its decision */
  rivals: ReserveCommand[];
}

const settleScript = script(source);

/**
 * Settles one lecture's decisions: confirms the claims of confirmed rids and releases the others. A
 * second call changes nothing.
 *
 * A user's held claim of another rid stays and keeps the user's confirmation out of Redis, which
 * had lost the confirmed claim. After the held rid is settled, the confirmation must be settled
 * again. Of one user, releases therefore come before the confirmation.
 *
 * @param settlements 1 to 1,000, which keeps the script short
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
  return readSettled(lectureId, await run(redis, settleScript, keys, args));
}

/** Names the parts of settle.lua's reply. */
function readSettled(lectureId: LectureId, reply: unknown): Settled {
  const [confirmed, released, rivals] = reply as [number, number, string[]];
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

/** A decision in the script's form; for a confirmed rid, the claim to stand in Redis. */
export function decidedOf({ rid, status, claimedAtMs }: Omit<Settlement, "userId">): string {
  switch (status) {
    case "confirmed":
      return `k:${claimedAtMs}:${rid}`;
    case "rejected":
    case "cancelled":
      return `${status}:${rid}`;
    default:
      return noCase(status);
  }
}
