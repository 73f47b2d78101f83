import { type AdmissionRedis, run, script } from "../../admission/script.ts";
import type { LectureId } from "../../contract/ids.ts";
import { cacheKeys } from "../../contract/names.ts";
import fillSource from "./fill.lua";
import invalidateSource from "./invalidate.lua";
import lookUpSource from "./look-up.lua";
import releaseSource from "./release.lua";

/** The part of a Redis client that the cache needs. */
export type CacheRedis = Pick<AdmissionRedis, "evalsha" | "eval">;

/** A lecture as it is answered. */
export interface ShownLecture {
  /** 0 for a lecture that no row has */
  version: number;
  /** "" where there is nothing to show: no such lecture, or an unpublished one */
  json: string;
}

/** The right of one reader to fill the cache, as long as nothing is written meanwhile. */
export interface Lease {
  reader: string;
  gen: string;
}

export interface LookedUp {
  lecture: ShownLecture | undefined;
  /** given to one reader at a time, of a lecture that is missing or nearly expired */
  lease: Lease | undefined;
  /** the least version that may be shown; undefined where Redis knows none */
  floor: number | undefined;
  /** whether a write may be under way */
  isWritten: boolean;
}

/** `filled`, or why the cache was not filled: see fill.lua. */
export type FillOutcome = "filled" | "lease" | "gen" | "floor";

/** How long a reader may take until others may read as well, in milliseconds. */
export const LEASE_MS = 2_000;

/** How long a lecture is kept, and a missing one, in milliseconds; each time ± 10 %. */
export const KEPT_MS = 60_000;
export const MISSING_KEPT_MS = 5_000;

/** One reader refreshes a lecture when a fifth of its time is left. */
const REFRESH_BELOW_MS = KEPT_MS / 5;

/**
 * How long a write may be under way, in milliseconds. A connection comes within 3 s, a row's lock
 * within 10 s (database/pool.ts), and a replica in use is some 4 s behind at most.
 */
const WRITE_MAX_MS = 30_000;

/**
 * How long gen and floor are kept, in milliseconds: longer than any lease, and than any replica in
 * use is behind. Of a missing lecture for a short time, since anybody may ask for any id.
 */
const STATE_KEPT_MS = { missing: 20_000, shown: 600_000, written: 3_600_000 };

const scripts = {
  lookUp: script(lookUpSource),
  fill: script(fillSource),
  invalidate: script(invalidateSource),
  release: script(releaseSource),
};

/** Looks a lecture up in one round trip. `reader` must be unique. */
export async function lookUp(redis: CacheRedis, id: LectureId, reader: string): Promise<LookedUp> {
  const args = [reader, String(LEASE_MS), String(REFRESH_BELOW_MS)];
  const reply = await run(redis, scripts.lookUp, keysOf(id), args);
  const [text, lease, gen, floor, writers] = (reply as unknown[]).map(String);
  return {
    lecture: text ? readLecture(text) : undefined,
    lease: lease === "1" && gen !== undefined ? { reader, gen } : undefined,
    floor: floor ? Number(floor) : undefined,
    isWritten: writers !== "0",
  };
}

/**
 * Fills the cache with what the holder of a lease has read. `random` is from 0 to below 1: it
 * spreads the expiry.
 */
export async function fill(
  redis: CacheRedis,
  id: LectureId,
  { reader, gen }: Lease,
  { version, json }: ShownLecture,
  random: number,
): Promise<FillOutcome> {
  const keptMs = Math.round((json === "" ? MISSING_KEPT_MS : KEPT_MS) * (0.9 + random / 5));
  const stateMs = json === "" ? STATE_KEPT_MS.missing : STATE_KEPT_MS.shown;
  const text = `${version} ${json}`;
  const args = [reader, gen, String(version), text, String(keptMs), String(stateMs)];
  return (await run(redis, scripts.fill, keysOf(id).slice(0, 3), args)) as FillOutcome;
}

/** Ends a lease whose reader could read nothing. */
export async function release(redis: CacheRedis, id: LectureId, { reader }: Lease): Promise<void> {
  await run(redis, scripts.release, [cacheKeys.lease(id)], [reader]);
}

/** Drops a lecture before it is written, and marks that a write may be under way. */
export async function beginWrite(redis: CacheRedis, id: LectureId, writer: string): Promise<void> {
  await invalidate(redis, id, [writer, String(WRITE_MAX_MS), "0"]);
}

/** Drops a lecture after it was written, ends the writer's mark, and raises the floor. */
export async function endWrite(
  redis: CacheRedis,
  id: LectureId,
  writer: string,
  version: number,
): Promise<void> {
  await invalidate(redis, id, [writer, "0", String(version)]);
}

async function invalidate(redis: CacheRedis, id: LectureId, args: string[]): Promise<void> {
  const keys = [cacheKeys.lecture(id), cacheKeys.state(id), cacheKeys.writers(id)];
  await run(redis, scripts.invalidate, keys, [...args, String(STATE_KEPT_MS.written)]);
}

function keysOf(id: LectureId): string[] {
  return [cacheKeys.lecture(id), cacheKeys.state(id), cacheKeys.lease(id), cacheKeys.writers(id)];
}

/** Reads a cached lecture: `<version> <JSON>`. */
export function readLecture(text: string): ShownLecture {
  const end = text.indexOf(" ");
  return { version: Number(text.slice(0, end)), json: text.slice(end + 1) };
}
