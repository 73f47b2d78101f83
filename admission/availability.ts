import { errors } from "@upstash/redis/cloudflare";
import type { LectureId } from "../contract/ids.ts";
import type { Availability } from "../contract/lecture.ts";
import { redisKeys } from "../contract/names.ts";
import source from "./availability.lua";
import { evalsha, type RedisCommand, type RedisReply } from "./redis-command.ts";
import { type AdmissionRedis, runIfKnown, saysUnknownScript, script } from "./script.ts";

/** Only openAdmission loads this script. A Redis that lacks the script may have old numbers. */
export const availabilityScript = script(source);

/**
 * Seats left and state of the window by Redis' clock. Undefined when the lecture is not loaded or
 * admission is not open.
 */
export async function readAvailability(
  redis: AdmissionRedis,
  lectureId: LectureId,
): Promise<Availability | undefined> {
  return availabilityIn(await runIfKnown(redis, availabilityScript, keysOf(lectureId), []));
}

/** `readAvailability` as one command among others. */
export function availabilityCommand(lectureId: LectureId): RedisCommand {
  return evalsha(availabilityScript.sha1, keysOf(lectureId), []);
}

/** Reads the reply to availabilityCommand. Throws Redis' own error. */
export function readAvailabilityReply({ result, error }: RedisReply): Availability | undefined {
  if (error === undefined) return availabilityIn(result);
  if (saysUnknownScript(error)) return undefined;
  throw new errors.UpstashError(error);
}

function keysOf(lectureId: LectureId): string[] {
  return [redisKeys.lecture(lectureId), redisKeys.claims(lectureId)];
}

function availabilityIn(reply: unknown): Availability | undefined {
  const figures = reply === undefined ? undefined : readFigures(reply);
  if (!figures) return undefined;
  const { opensAtMs, closesAtMs, capacity, taken, nowMs } = figures;
  const remaining = Math.max(0, capacity - taken);
  return {
    state: stateOf({ ...figures, remaining }),
    remaining,
    capacity,
    opensAt: new Date(opensAtMs).toISOString(),
    closesAt: new Date(closesAtMs).toISOString(),
    serverTime: new Date(nowMs).toISOString(),
  };
}

interface Figures {
  opensAtMs: number;
  closesAtMs: number;
  capacity: number;
  cancelled: boolean;
  taken: number;
  nowMs: number;
}

/** Names the parts of availability.lua's reply; undefined for the reply without figures. */
function readFigures(reply: unknown): Figures | undefined {
  const parts = (reply as unknown[]).map(Number);
  if (parts.length === 0) return undefined;
  const [ready, opensAtMs, closesAtMs, capacity, cancelled, taken, nowMs] = parts as Seven;
  if (ready !== 1)
    throw new Error("the availability script gave figures of a lecture that is not ready");
  return { opensAtMs, closesAtMs, capacity, cancelled: cancelled === 1, taken, nowMs };
}

type Seven = [number, number, number, number, number, number, number];

function stateOf(
  now: Omit<Figures, "capacity" | "taken"> & { remaining: number },
): Availability["state"] {
  if (now.cancelled) return "cancelled";
  if (now.nowMs < now.opensAtMs) return "upcoming";
  if (now.nowMs >= now.closesAtMs) return "closed";
  return now.remaining === 0 ? "sold_out" : "open";
}
