import type { Redis } from "@upstash/redis";
import { ReserveCommand } from "../contract/command.ts";
import type { LectureId, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { LATEST_MS } from "../contract/time.ts";
import { readClaim } from "./find-claim.ts";
import { pipelined } from "./pipelined.ts";
import { readTime } from "./redis-time.ts";

/** Most held claims of one lecture in one call: the oldest ones; later calls find the others. */
const CLAIMS_PER_LECTURE = 500;

/** Later than any time of Redis. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

export interface Overdue {
  /** each claim as the command that asks for its decision; the claim holds all of it */
  commands: ReserveCommand[];
  /** users whose claims cannot become a command */
  unreadable: { lectureId: LectureId; userId: UserId }[];
}

/**
 * The claims held for `forMs` milliseconds, by Redis' clock alone. A claim as far in the future is
 * overdue too: Redis' clock was set back, and the claim's age is unknown. Takes four round trips
 * for any number of lectures. Rejects where Redis does not give the time.
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

/** Every claim must be decided whatever its time, so a time beyond LATEST_MS becomes LATEST_MS. */
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
