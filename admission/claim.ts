import { errors } from "@upstash/redis/cloudflare";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import source from "./claim.lua";
import type { Claim } from "./find-claim.ts";
import { evalsha, type RedisCommand, type RedisReply } from "./redis-command.ts";
import { type AdmissionRedis, runIfKnown, saysUnknownScript, script } from "./script.ts";

/** A user's attempts that reach a lecture's seats are at least this far apart, in milliseconds. */
export const THROTTLE_MS = 10_000;

export interface ClaimRequest {
  lectureId: LectureId;
  userId: UserId;
  rid: Rid;
  /** the groups of the user's session; none where left out */
  groups?: readonly string[];
}

/** The present state of a rid that was claimed before. */
export type ClaimState = Claim["state"] | Exclude<DecisionStatus, Claim["state"]>;

/** The answer to a claim; claim.lua gives the order of the checks. */
export type ClaimAnswer =
  | { outcome: "claimed"; rid: Rid; claimedAtMs: number }
  | { outcome: "repeated"; rid: Rid; state: ClaimState }
  | { outcome: "already_reserved"; rid: Rid; state: Claim["state"] }
  | { outcome: "not_open"; opensInMs: number }
  | { outcome: "throttled"; retryAfterMs: number }
  | { outcome: "closed" | "cancelled" | "not_eligible" | "sold_out" | "not_ready" };

/** Only openAdmission loads this script. A Redis that lacks the script admits nobody. */
export const claimScript = script(source);

/**
 * Claims a seat in one Redis round trip, by Redis' clock. Idempotent by rid. `not_ready` also where
 * admission is not open. Throws on an error or timeout of Redis: the claim may stand, and a retry
 * with the same rid is safe.
 */
export async function claim(
  redis: Pick<AdmissionRedis, "evalsha">,
  request: ClaimRequest,
): Promise<ClaimAnswer> {
  const reply = await runIfKnown(redis, claimScript, keysOf(request), argsOf(request));
  return reply === undefined ? { outcome: "not_ready" } : readAnswer(reply);
}

/** The claim as a command, for a round trip shared with others. */
export function claimCommand(request: ClaimRequest): RedisCommand {
  return evalsha(claimScript.sha1, keysOf(request), argsOf(request));
}

/** Reads the reply to a claimCommand. Throws Redis' error; the claim may stand then. */
export function readClaimReply({ result, error }: RedisReply): ClaimAnswer {
  if (error === undefined) return readAnswer(result);
  if (saysUnknownScript(error)) return { outcome: "not_ready" };
  throw new errors.UpstashError(error);
}

/**
 * Claims for many users in one round trip, in order. An Error in place of an answer: whether that
 * claim stands is unknown, and a retry with the same rid is safe. Throws where Redis does not
 * answer: then this is so of every claim.
 */
export async function claimMany(
  redis: Pick<AdmissionRedis, "pipeline">,
  requests: readonly ClaimRequest[],
): Promise<(ClaimAnswer | Error)[]> {
  const pipeline = redis.pipeline();
  for (const request of requests)
    pipeline.evalsha(claimScript.sha1, keysOf(request), argsOf(request));
  const replies = await pipeline.exec<unknown[]>({ keepErrors: true });
  return replies.map((reply) => {
    try {
      return readClaimReply(reply);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  });
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

function argsOf({ userId, rid, groups = NO_GROUPS }: ClaimRequest): string[] {
  const written = groups.length === 0 ? "" : `,${groups.join(",")},`;
  return [userId, rid, String(THROTTLE_MS), written];
}

const NO_GROUPS: readonly string[] = [];

/** Names the parts of claim.lua's reply. `first` is a rid where there are two parts. */
function readAnswer(reply: unknown): ClaimAnswer {
  const [outcome, first, second] = (reply as unknown[]).map(String) as [string, string, string];
  switch (outcome) {
    case "claimed":
      return { outcome, rid: first, claimedAtMs: Number(second) };
    case "repeated":
      return { outcome, rid: first, state: second as ClaimState };
    case "already_reserved":
      return { outcome, rid: first, state: second as Claim["state"] };
    case "not_open":
      return { outcome, opensInMs: Number(first) };
    case "throttled":
      return { outcome, retryAfterMs: Number(first) };
    case "closed":
    case "cancelled":
    case "not_eligible":
    case "sold_out":
    case "not_ready":
      return { outcome };
    default:
      throw new Error(`the claim script gave the unknown outcome ${outcome}`);
  }
}
