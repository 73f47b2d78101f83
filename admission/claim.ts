import { errors } from "@upstash/redis/cloudflare";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import source from "./claim.lua";
import { evalsha, type RedisCommand, type RedisReply } from "./redis-command.ts";
import { type AdmissionRedis, runIfKnown, saysUnknownScript, script } from "./script.ts";

/** One attempt that reaches the seats for a user and lecture in this time, in milliseconds. */
export const THROTTLE_MS = 10_000;

export interface ClaimRequest {
  lectureId: LectureId;
  userId: UserId;
  rid: Rid;
}

/** How a rid that was claimed before stands by now. */
export type ClaimState = "held" | "confirmed" | "rejected" | "cancelled";

/** What Redis answers to a claim; the order in which the script tries them is told in claim.lua. */
export type ClaimAnswer =
  | { outcome: "claimed"; rid: Rid; claimedAtMs: number }
  | { outcome: "repeated"; rid: Rid; state: ClaimState }
  | { outcome: "already_reserved"; rid: Rid; state: "held" | "confirmed" }
  | { outcome: "not_open"; opensInMs: number }
  | { outcome: "throttled"; retryAfterMs: number }
  | { outcome: "closed" | "cancelled" | "sold_out" | "not_ready" };

/** Given to Redis only by openAdmission: where Redis does not know it, nobody is admitted. */
export const claimScript = script(source);

/**
 * Claims a seat in one Redis round trip, judged by Redis' clock. Idempotent by rid. `not_ready` where admission is not
 * open. Throws when Redis cannot be asked or does not
 * answer in time: then the claim may stand, and asking again with the same rid is safe.
 */
export async function claim(
  redis: Pick<AdmissionRedis, "evalsha">,
  request: ClaimRequest,
): Promise<ClaimAnswer> {
  const reply = await runIfKnown(redis, claimScript, keysOf(request), argsOf(request));
  return reply === undefined ? { outcome: "not_ready" } : readAnswer(reply);
}

/** The same as a command, to be sent with others in one round trip. */
export function claimCommand(request: ClaimRequest): RedisCommand {
  return evalsha(claimScript.sha1, keysOf(request), argsOf(request));
}

/** Reads what Redis said to a claimCommand. Throws its error, after which the claim may stand. */
export function readClaimReply({ result, error }: RedisReply): ClaimAnswer {
  if (error === undefined) return readAnswer(result);
  if (saysUnknownScript(error)) return { outcome: "not_ready" };
  throw new errors.UpstashError(error);
}

function keysOf({ lectureId, userId }: ClaimRequest): string[] {
  return [
    redisKeys.lecture(lectureId),
    redisKeys.claims(lectureId),
    redisKeys.held(lectureId),
    redisKeys.released(lectureId),
    redisKeys.throttle(lectureId, userId),
  ];
}

function argsOf({ userId, rid }: ClaimRequest): string[] {
  return [userId, rid, String(THROTTLE_MS)];
}

function readAnswer(reply: unknown): ClaimAnswer {
  const [outcome, first, second] = (reply as unknown[]).map(String) as [string, string, string];
  switch (outcome) {
    case "claimed":
      return { outcome, rid: first, claimedAtMs: Number(second) };
    case "repeated":
      return { outcome, rid: first, state: second as ClaimState };
    case "already_reserved":
      return { outcome, rid: first, state: second as "held" | "confirmed" };
    case "not_open":
      return { outcome, opensInMs: Number(first) };
    case "throttled":
      return { outcome, retryAfterMs: Number(first) };
    case "closed":
    case "cancelled":
    case "sold_out":
    case "not_ready":
      return { outcome };
    default:
      throw new Error(`the claim script answered ${outcome}, which is none of its outcomes`);
  }
}
