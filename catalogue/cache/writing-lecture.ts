import type { LectureId } from "../../contract/ids.ts";
import { HELD_MAX_MS } from "../../contract/origin-api.ts";
import type { Clock } from "../../runtime/clock/clock.ts";
import { beginGeneration } from "./generation.ts";
import { beginWrite, type CacheRedis, endWrite, KEPT_MS } from "./store.ts";

/** Tells the cache and the edges of writes of lectures. None of the calls rejects. */
export interface LectureWrites {
  /** Drops the lecture, and keeps it out until the write has ended. Gives the writer's name. */
  begin(id: LectureId): Promise<string>;
  /**
   * Drops the lecture again, then begins a generation. `version` or a later one stands in MySQL.
   */
  end(id: LectureId, writer: string, version: number): Promise<void>;
  /** Begins a generation, after any other change that lectures or lists show. */
  beginGeneration(): Promise<void>;
}

export interface WritesOptions {
  redis: CacheRedis;
  clock: Clock;
  /** unique among all processes */
  name: string;
  /**
   * called when a lecture may be shown as it was before a write, until Redis is back; without an id
   * for a change of another kind
   */
  onLate?: (id: LectureId | undefined, error: unknown) => void;
}

/** How often to tell a Redis that was away of a write, in milliseconds. */
const RETRY_MS = 1_000;

/** A lecture that was cached before the write has expired after as many tries, at edges too. */
const TRIES_MAX = (KEPT_MS * 1.2 + HELD_MAX_MS) / RETRY_MS;

/**
 * Writes go on while Redis is away, and drop the lecture from Redis once it is back. A process that
 * dies before that leaves the old lecture in Redis until it expires, about a minute later. An edge
 * that reads it just before holds it for another minute at most.
 */
export function createLectureWrites({ redis, clock, name, onLate }: WritesOptions): LectureWrites {
  let writers = 0;
  let generations = 0;

  function nextGeneration(): Promise<void> {
    generations += 1;
    return beginGeneration(redis, `${name}-g${generations}`);
  }

  /** Tells Redis, again every second while it is away. */
  async function tell(what: () => Promise<void>, id?: LectureId): Promise<void> {
    try {
      await what();
    } catch (error) {
      onLate?.(id, error);
      void retry(what);
    }
  }

  async function retry(what: () => Promise<void>): Promise<void> {
    for (let tries = 1; tries < TRIES_MAX; tries += 1) {
      await clock.sleep(RETRY_MS);
      const isTold = await what().then(
        () => true,
        () => false,
      );
      if (isTold) return;
    }
  }

  return {
    async begin(id) {
      writers += 1;
      const writer = `${name}-w${writers}`;
      await beginWrite(redis, id, writer).catch(() => {});
      return writer;
    },
    end: (id, writer, version) =>
      tell(async () => {
        await endWrite(redis, id, writer, version);
        await nextGeneration();
      }, id),
    beginGeneration: () => tell(nextGeneration),
  };
}

/**
 * For a lecture that is new: nobody has read it, so at most its absence is cached, for five
 * seconds. A running origin finds it within a second, and begins the generation
 * (origin/projection.ts).
 */
export const UNREAD: LectureWrites = {
  begin: async () => "",
  end: async () => {},
  beginGeneration: async () => {},
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
