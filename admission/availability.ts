import type { LectureId } from "../contract/ids.ts";
import type { Availability } from "../contract/lecture.ts";
import { redisKeys } from "../contract/names.ts";
import source from "./availability.lua";
import { type AdmissionRedis, runIfKnown, script } from "./script.ts";

/** Only openAdmission loads this script: a Redis without it may have old numbers. */
export const availabilityScript = script(source);

/**
 * Seats left and state of the window by Redis' clock. Undefined when the lecture is not loaded or
 * admission is not open.
 */
export async function readAvailability(
  redis: AdmissionRedis,
  lectureId: LectureId,
): Promise<Availability | undefined> {
  const keys = [redisKeys.lecture(lectureId), redisKeys.claims(lectureId)];
  const reply = (await runIfKnown(redis, availabilityScript, keys, [])) as unknown[] | undefined;
  if (reply === undefined || reply.length === 0) return undefined;
  const [, opensAtMs, closesAtMs, capacity, cancelled, taken, nowMs] = reply.map(Number) as Figures;
  const remaining = Math.max(0, capacity - taken);
  return {
    state: stateOf({ cancelled: cancelled === 1, opensAtMs, closesAtMs, remaining, nowMs }),
    remaining,
    capacity,
    opensAt: new Date(opensAtMs).toISOString(),
    closesAt: new Date(closesAtMs).toISOString(),
    serverTime: new Date(nowMs).toISOString(),
  };
}

type Figures = [number, number, number, number, number, number, number];

function stateOf(now: {
  cancelled: boolean;
  opensAtMs: number;
  closesAtMs: number;
  remaining: number;
  nowMs: number;
}): Availability["state"] {
  if (now.cancelled) return "cancelled";
  if (now.nowMs < now.opensAtMs) return "upcoming";
  if (now.nowMs >= now.closesAtMs) return "closed";
  return now.remaining === 0 ? "sold_out" : "open";
}
