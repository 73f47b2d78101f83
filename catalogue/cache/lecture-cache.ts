import type { LectureId } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock/clock.ts";
import { createFlights } from "./flights.ts";
import { createLastKnown } from "./last-known.ts";
import {
  type CacheRedis,
  endWrite,
  type FillOutcome,
  fill,
  type Lease,
  type LookedUp,
  lookUp,
  release,
  type ShownLecture,
} from "./store.ts";

/**
 * Reads a lecture from MySQL. A replica may answer with `atLeast` or a later version; without
 * `atLeast` the primary alone may.
 */
export type ReadCatalogue = (id: LectureId, atLeast: number | undefined) => Promise<ShownLecture>;

export interface CacheOptions {
  redis: CacheRedis;
  readCatalogue: ReadCatalogue;
  clock: Clock;
  /** unique among all processes */
  name: string;
  counts?: CacheCounts | undefined;
  /** how often to ask again while another process reads */
  looksMax?: number;
}

export interface CacheCounts {
  /**
   * A read: a `hit` in Redis, a `miss` that read MySQL, `away` that read MySQL without Redis, or
   * `stale`: neither answered, and the last known lecture was shown
   */
  read(outcome: ReadOutcome): void;
  filled(outcome: FillOutcome): void;
}

export type ReadOutcome = "hit" | "miss" | "away" | "stale";

export interface LectureCache {
  /**
   * One lecture. Rejects where neither Redis nor MySQL nor this process knows it. No version falls
   * below one that was shown before the call.
   */
  read(id: LectureId): Promise<ReadLecture>;
}

export interface ReadLecture extends ShownLecture {
  /** the last known lecture: neither Redis nor MySQL answered */
  isStale?: boolean;
}

/** While another process reads, Redis is asked again every so often, in milliseconds. */
const LOOK_AGAIN_MS = 50;

/** Longer than a lease: then the reader has the lease itself, or reads without one. */
const LOOKS_MAX = 60;

/** The cache of one lecture at a time, in Redis, before MySQL. */
export function createLectureCache(options: CacheOptions): LectureCache {
  const { redis, readCatalogue, clock, name, counts, looksMax = LOOKS_MAX } = options;
  const known = createLastKnown(clock.monotonicMs);
  let readers = 0;

  const look = (id: LectureId) => {
    readers += 1;
    return lookUp(redis, id, `${name}-${readers}`);
  };

  /** Looks until there is a lecture or a lease; undefined where Redis does not answer. */
  async function lookPatiently(id: LectureId): Promise<LookedUp | undefined> {
    try {
      for (let looks = 1; ; looks += 1) {
        const found = await look(id);
        const isOthers = !found.lecture && !found.lease && !found.isWritten;
        if (!isOthers || looks === looksMax) return found;
        await clock.sleep(LOOK_AGAIN_MS);
      }
    } catch {
      return undefined;
    }
  }

  /** A newer lecture is known here, so the cached one was kept by a write that missed Redis. */
  async function dropOutdated(id: LectureId, version: number): Promise<LookedUp | undefined> {
    return await endWrite(redis, id, name, version).then(
      () => lookPatiently(id),
      () => undefined,
    );
  }

  async function readAndFill(id: LectureId, found: LookedUp | undefined): Promise<ShownLecture> {
    const lecture = await readCatalogue(id, atLeast(found, known.get(id))).catch(
      (error: unknown) => {
        if (found?.lease) release(redis, id, found.lease).catch(() => {});
        throw error;
      },
    );
    known.put(id, lecture);
    if (found?.lease) await tryFill(id, found.lease, lecture);
    return lecture;
  }

  /** An unknown outcome is as good as a refusal: the next reader looks. */
  async function tryFill(id: LectureId, lease: Lease, lecture: ShownLecture): Promise<void> {
    const outcome = await fill(redis, id, lease, lecture, clock.random()).catch(() => undefined);
    if (outcome) counts?.filled(outcome);
  }

  async function read(id: LectureId): Promise<ReadLecture> {
    let found = await lookPatiently(id);
    const newest = known.get(id);
    if (newest && found?.lecture && found.lecture.version < newest.version)
      found = await dropOutdated(id, newest.version);
    if (found?.lecture && found.lecture.version >= (newest?.version ?? 0)) {
      counts?.read("hit");
      known.put(id, found.lecture);
      if (found.lease) readAndFill(id, found).catch(() => {});
      return found.lecture;
    }
    try {
      const lecture = await readAndFill(id, found);
      counts?.read(found ? "miss" : "away");
      return known.get(id) ?? lecture;
    } catch (error) {
      const stale = known.get(id);
      if (!stale) throw error;
      counts?.read("stale");
      return { ...stale, isStale: true };
    }
  }

  return { read: createFlights(read) };
}

/** Only a floor, with no write under way, says what a replica must have seen. */
function atLeast(
  found: LookedUp | undefined,
  newest: ShownLecture | undefined,
): number | undefined {
  if (found?.floor === undefined || found.isWritten) return undefined;
  return Math.max(found.floor, newest?.version ?? 0);
}
