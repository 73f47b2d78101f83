import type { LectureId } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock/clock.ts";
import { beginWrite, type CacheRedis, endWrite, KEPT_MS } from "./store.ts";

/** Tells the cache of writes of lectures. */
export interface LectureWrites {
  /** Drops the lecture, and keeps it out until the write has ended. Gives the writer's name. */
  begin(id: LectureId): Promise<string>;
  /** Drops the lecture again. `version` or a later one stands in MySQL. */
  end(id: LectureId, writer: string, version: number): Promise<void>;
}

export interface WritesOptions {
  redis: CacheRedis;
  clock: Clock;
  /** unique among all processes */
  name: string;
  /** called when a lecture may be shown as it was before a write, until Redis is back */
  onLate?: (id: LectureId, error: unknown) => void;
}

/** How often to tell a Redis that was away of a write, in milliseconds. */
const RETRY_MS = 1_000;

/** A lecture that was cached before the write has expired after as many tries. */
const TRIES_MAX = (KEPT_MS * 1.2) / RETRY_MS;

/**
 * Writes go on while Redis is away, and drop the lecture from Redis once it is back. A process that
 * dies before that leaves the old lecture in Redis until it expires, about a minute later.
 */
export function createLectureWrites({ redis, clock, name, onLate }: WritesOptions): LectureWrites {
  let writers = 0;

  async function retry(id: LectureId, writer: string, version: number): Promise<void> {
    for (let tries = 1; tries < TRIES_MAX; tries += 1) {
      await clock.sleep(RETRY_MS);
      const ended = await endWrite(redis, id, writer, version).then(
        () => true,
        () => false,
      );
      if (ended) return;
    }
  }

  return {
    async begin(id) {
      writers += 1;
      const writer = `${name}-w${writers}`;
      await beginWrite(redis, id, writer).catch(() => {});
      return writer;
    },
    async end(id, writer, version) {
      try {
        await endWrite(redis, id, writer, version);
      } catch (error) {
        onLate?.(id, error);
        void retry(id, writer, version);
      }
    },
  };
}

/**
 * For a lecture that is new: nobody has read it, so at most its absence is cached, for five
 * seconds.
 */
export const UNREAD: LectureWrites = {
  begin: async () => "",
  end: async () => {},
};

/**
 * Writes a lecture in the catalogue: every UPDATE and INSERT of it must stand in `write`. A write
 * that throws may have happened, so its mark stands until it can no longer take effect; until then
 * the lecture is read from MySQL.
 *
 * @param version MySQL has this version or a later one once `write` has ended; it may depend on
 * what was written
 */
export async function writingLecture<T>(
  writes: LectureWrites,
  { id, version }: { id: LectureId; version: number | ((written: T) => number) },
  write: () => Promise<T>,
): Promise<T> {
  const writer = await writes.begin(id);
  const written = await write();
  await writes.end(id, writer, typeof version === "number" ? version : version(written));
  return written;
}
