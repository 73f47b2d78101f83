import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import type { ClaimState } from "./claim.ts";
import beginSource from "./load-begin.lua";
import claimsSource from "./load-claims.lua";
import finishSource from "./load-finish.lua";
import { pipelined } from "./pipelined.ts";
import { type AdmissionRedis, run, script } from "./script.ts";

/** What Redis must know of a lecture to admit to it. The window is [opensAtMs, closesAtMs), in Unix milliseconds. */
export interface LoadedLecture {
  lectureId: LectureId;
  opensAtMs: number;
  closesAtMs: number;
  capacity: number;
  cancelled: boolean;
}

/** A claim, or a released rid, as decisions and pending nodes tell it. */
export interface LoadedClaim {
  userId: UserId;
  rid: Rid;
  state: ClaimState;
  claimedAtMs: number;
}

const beginScript = script(beginSource);
const claimsScript = script(claimsSource);
const finishScript = script(finishSource);

/** Claims sent to Redis in one script run: long enough to be fast, short enough not to hold Redis up. */
const CLAIMS_PER_RUN = 500;

/**
 * Loads a lecture with all its claims into Redis. Admission answers `not_ready` from the first step to the last, so nobody is admitted
 * by an incomplete count. `claims` is read only after admission has been closed. A lecture that is ready is loaded again only where `anew`.
 *
 * @returns true when the lecture is ready by this load or was so before, false when another load overtook this one
 */
export async function loadLecture(
  redis: AdmissionRedis,
  lecture: LoadedLecture,
  claims: () => AsyncIterable<LoadedClaim[]>,
  { anew = false } = {},
): Promise<boolean> {
  const token = crypto.randomUUID();
  if (!(await begin(redis, lecture, token, anew))) return true;
  crashPoint("loader.closed");
  for await (const page of claims()) {
    for (let at = 0; at < page.length; at += CLAIMS_PER_RUN) {
      if (!(await add(redis, lecture.lectureId, token, page.slice(at, at + CLAIMS_PER_RUN)))) return false;
      crashPoint("loader.claims_loaded");
    }
  }
  const finished = await run(redis, finishScript, keysToFinish(lecture.lectureId), [token]);
  crashPoint("loader.opened");
  return Number(finished) === 1;
}

function keysToFinish(lectureId: LectureId): string[] {
  return [redisKeys.lecture(lectureId), redisKeys.claims(lectureId), redisKeys.released(lectureId)];
}

async function begin(
  redis: AdmissionRedis,
  lecture: LoadedLecture,
  token: string,
  anew: boolean,
): Promise<boolean> {
  const { lectureId, opensAtMs, closesAtMs, capacity, cancelled } = lecture;
  const args = [token, String(opensAtMs), String(closesAtMs), String(capacity), cancelled ? "1" : "0"];
  const keys = [redisKeys.lecture(lectureId), redisKeys.claims(lectureId)];
  return Number(await run(redis, beginScript, keys, [...args, anew ? "1" : "0"])) === 1;
}

async function add(
  redis: AdmissionRedis,
  lectureId: LectureId,
  token: string,
  claims: LoadedClaim[],
): Promise<boolean> {
  const keys = [
    redisKeys.lecture(lectureId),
    redisKeys.claims(lectureId),
    redisKeys.held(lectureId),
    redisKeys.released(lectureId),
  ];
  const args = claims.flatMap(({ userId, rid, state, claimedAtMs }) => [
    userId,
    rid,
    state,
    String(claimedAtMs),
  ]);
  return Number(await run(redis, claimsScript, keys, [token, ...args])) === 1;
}

/** Which of these lectures Redis is ready to admit to, in one round trip. */
export async function findReady(redis: AdmissionRedis, lectureIds: LectureId[]): Promise<Set<LectureId>> {
  const replies = await pipelined(redis, lectureIds, (pipeline, id) =>
    pipeline.hget(redisKeys.lecture(id), "ready"),
  );
  return new Set(lectureIds.filter((_, at) => String(replies[at]) === "1"));
}
