import type { Redis } from "@upstash/redis";
import { LATEST_MS, ReserveCommand } from "../contract/command.ts";
import type { LectureId, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { readClaim } from "./find-claim.ts";
import { pipelined } from "./pipelined.ts";
import { readTime } from "./redis-time.ts";

/** Held claims of one lecture looked at in one call: the oldest ones, the others come later. */
const CLAIMS_PER_LECTURE = 500;

/** Beyond every time that Redis can tell. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

export interface Overdue {
  /** each claim as the command that asks for its decision; the claim holds all of it */
  commands: ReserveCommand[];
  /** whose claims hold nothing that a command could be made of */
  unreadable: { lectureId: LectureId; userId: UserId }[];
}

/**
 * The claims that have been held for `forMs` milliseconds, by Redis' clock alone. A claim that lies
 * as far in the future counts as overdue: Redis' clock was set back, and the claim's age is
 * unknown. Takes four round trips, however many lectures. Rejects where Redis does not tell the
 * time.
 */
export async function findOverdue(
  redis: Pick<Redis, "pipeline">,
  lectureIds: LectureId[],
  forMs: number,
): Promise<Overdue> {
  const [time] = await pipelined(redis, ["time"], (pipeline) => pipeline.time());
  const nowMs = readTime(time);
  if (nowMs === undefined) throw new Error("Redis does not tell the time");
  const before = await findHeld(redis, lectureIds, { fromMs: 0, toMs: nowMs - forMs });
  const after = await findHeld(redis, lectureIds, { fromMs: nowMs + forMs, toMs: NEVER_MS });
  const users = [...before, ...after];
  const values = await pipelined(redis, users, (pipeline, { lectureId, userId }) =>
    pipeline.hget(redisKeys.claims(lectureId), userId),
  );
  const overdue: Overdue = { commands: [], unreadable: [] };
  for (const [at, user] of users.entries()) add(overdue, user, values[at]);
  return overdue;
}

function add(
  overdue: Overdue,
  user: { lectureId: LectureId; userId: UserId },
  value: unknown,
): void {
  if (typeof value !== "string" || value.startsWith("k:")) return;
  const command = commandOf(user, value);
  if (command) overdue.commands.push(command);
  else overdue.unreadable.push(user);
}

/** A claim has to be decided whatever its time says, so a time beyond the latest is the latest. */
function commandOf(
  user: { lectureId: LectureId; userId: UserId },
  value: string,
): ReserveCommand | undefined {
  try {
    const { rid, claimedAtMs } = readClaim(value);
    const command = {
      kind: "reserve",
      rid,
      ...user,
      claimedAtMs: Math.min(claimedAtMs, LATEST_MS),
    };
    return ReserveCommand.safeParse(command).data;
  } catch {
    return undefined;
  }
}

async function findHeld(
  redis: Pick<Redis, "pipeline">,
  lectureIds: LectureId[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<{ lectureId: LectureId; userId: UserId }[]> {
  const oldest = { byScore: true, offset: 0, count: CLAIMS_PER_LECTURE } as const;
  const users = await pipelined(redis, lectureIds, (pipeline, id) =>
    pipeline.zrange(redisKeys.held(id), fromMs, toMs, oldest),
  );
  return lectureIds.flatMap((lectureId, at) =>
    ((users[at] ?? []) as unknown[]).map((user) => ({ lectureId, userId: String(user) })),
  );
}
