import type { Redis } from "@upstash/redis";
import type { ReserveCommand } from "../contract/command.ts";
import type { LectureId, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { readClaim } from "./find-claim.ts";
import { pipelined } from "./pipelined.ts";

/** Held claims of one lecture looked at in one call: the oldest ones, the others come later. */
const CLAIMS_PER_LECTURE = 500;

/**
 * The claims that have been held since before `beforeMs` (Redis time, Unix milliseconds), each as the command that asks for its decision:
 * a held claim is all it takes to make its command again. Two round trips, however many lectures.
 */
export async function findOverdue(
  redis: Pick<Redis, "pipeline">,
  lectureIds: LectureId[],
  beforeMs: number,
): Promise<ReserveCommand[]> {
  const overdue = await findOverdueUsers(redis, lectureIds, beforeMs);
  const values = await pipelined(redis, overdue, (pipeline, { lectureId, userId }) =>
    pipeline.hget(redisKeys.claims(lectureId), userId),
  );
  return overdue.flatMap(({ lectureId, userId }, at) => {
    if (typeof values[at] !== "string") return [];
    const { rid, state, claimedAtMs } = readClaim(values[at]);
    return state === "held" ? [{ kind: "reserve" as const, rid, lectureId, userId, claimedAtMs }] : [];
  });
}

async function findOverdueUsers(
  redis: Pick<Redis, "pipeline">,
  lectureIds: LectureId[],
  beforeMs: number,
): Promise<{ lectureId: LectureId; userId: UserId }[]> {
  const oldest = { byScore: true, offset: 0, count: CLAIMS_PER_LECTURE } as const;
  const users = await pipelined(redis, lectureIds, (pipeline, id) =>
    pipeline.zrange(redisKeys.held(id), 0, beforeMs, oldest),
  );
  return lectureIds.flatMap((lectureId, at) =>
    ((users[at] ?? []) as unknown[]).map((user) => ({ lectureId, userId: String(user) })),
  );
}
