import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import type { AdmissionRedis } from "./script.ts";

/** The states of a claim, by the letter that the scripts write first. */
const STATES = { h: "held", k: "confirmed" } as const;

/** A user's claim on a seat. `claimedAtMs` is Redis' time of the claim, in Unix milliseconds. */
export interface Claim {
  rid: Rid;
  state: (typeof STATES)[keyof typeof STATES];
  claimedAtMs: number;
}

/** The user's live claim of a lecture; undefined where there is none. */
export async function findClaim(
  redis: AdmissionRedis,
  { lectureId, userId }: { lectureId: LectureId; userId: UserId },
): Promise<Claim | undefined> {
  const value = await redis.hget(redisKeys.claims(lectureId), userId);
  return value === null ? undefined : readClaim(String(value));
}

/** Reads a claim as the scripts write it: `h:<claimedAtMs>:<rid>` or `k:<claimedAtMs>:<rid>`. */
export function readClaim(value: string): Claim {
  const match = /^([hk]):(\d+):(.+)$/.exec(value);
  if (!match?.[2] || !match[3])
    throw new Error("a claim in Redis is not of the form h:<ms>:<rid> or k:<ms>:<rid>");
  return {
    state: STATES[match[1] as keyof typeof STATES],
    claimedAtMs: Number(match[2]),
    rid: match[3],
  };
}
