import type { Redis } from "@upstash/redis/cloudflare";
import { readClaim } from "../../admission/find-claim.ts";
import type { LectureId } from "../../contract/ids.ts";
import { cacheKeys, redisKeys } from "../../contract/names.ts";
import type { AdmissionFacts, ClaimFact } from "./facts.ts";

/** Entries per round trip: a large lecture comes in pages and blocks no other client. */
const PAGE = 1_000;

/** Redis' clock, in Unix milliseconds. */
export async function readRedisTimeMs(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

/**
 * Reads Redis' facts about a lecture. Released rids are read before the claims: a rid released by
 * then must not have a live claim afterwards.
 */
export async function readAdmission(redis: Redis, lectureId: LectureId): Promise<AdmissionFacts> {
  const wrongKeys: string[] = [];
  const released = new Map<string, string>();
  const claims = new Map<string, ClaimFact>();
  const held = new Map<string, number>();

  async function read(key: string, reading: (key: string) => Promise<void>): Promise<void> {
    await reading(key).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.includes("WRONGTYPE"))) throw error;
      wrongKeys.push(key);
    });
  }

  const scanHash = (key: string, take: Take) =>
    scan((cursor) => redis.hscan(key, cursor, { count: PAGE }), take);
  let loaded: AdmissionFacts["loaded"];
  await read(redisKeys.lecture(lectureId), async (key) => {
    loaded = await readLoaded(redis, key);
  });
  await read(redisKeys.released(lectureId), (key) =>
    scanHash(key, (rid, status) => released.set(rid, status)),
  );
  await read(redisKeys.claims(lectureId), (key) =>
    scanHash(key, (user, text) => claims.set(user, claimFact(text))),
  );
  await read(redisKeys.held(lectureId), (key) =>
    scan(
      (cursor) => redis.zscan(key, cursor, { count: PAGE }),
      (user, score) => held.set(user, Number(score)),
    ),
  );
  return { ...(loaded && { loaded }), claims, held, released, wrongKeys };
}

/** The cached lecture as the origins read it; null where none is cached. */
export async function readCached(redis: Redis, lectureId: LectureId): Promise<string | null> {
  return await redis.get<string>(cacheKeys.lecture(lectureId));
}

/** For each lecture: the number of held claims and whether Redis is ready, in one round trip. */
export async function readMotion(
  redis: Redis,
  lectureIds: LectureId[],
): Promise<{ held: number; ready: boolean }[]> {
  if (lectureIds.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const id of lectureIds) {
    pipeline.zcard(redisKeys.held(id));
    pipeline.hget(redisKeys.lecture(id), "ready");
  }
  // A key of a wrong type fails its own command only; readAdmission reports it.
  const replies = await pipeline.exec<unknown[]>({ keepErrors: true });
  return lectureIds.map((_, at) => ({
    held: Number(replies[2 * at]?.result ?? 0),
    ready: String(replies[2 * at + 1]?.result) === "1",
  }));
}

/** The lectures of which Redis holds any key. */
export async function scanLectureIds(redis: Redis): Promise<LectureId[]> {
  const found = new Set<LectureId>();
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, { match: "lectern:{*}:[chlr]*", count: PAGE });
    for (const key of keys) {
      const id = /^lectern:\{([0-9]+)\}:(?:claims|held|lecture|released)$/.exec(key)?.[1];
      if (id) found.add(id);
    }
    cursor = String(next);
  } while (cursor !== "0");
  return [...found];
}

async function readLoaded(redis: Redis, key: string): Promise<AdmissionFacts["loaded"]> {
  const [ready, opensAtMs, closesAtMs, capacity, version, cancelled, audience, fence] =
    await Promise.all(FIELDS.map((field) => redis.hget(key, field)));
  if (ready === null || ready === undefined) return undefined;
  return {
    ready: String(ready) === "1",
    opensAtMs: Number(opensAtMs),
    closesAtMs: Number(closesAtMs),
    capacity: Number(capacity),
    version: Number(version ?? 0),
    cancelled: String(cancelled ?? ""),
    audience: String(audience ?? ""),
    fence: (fence ?? null) && String(fence),
  };
}

const FIELDS = [
  "ready",
  "opensAtMs",
  "closesAtMs",
  "capacity",
  "version",
  "cancelled",
  "audience",
  "fence",
] as const;

type Take = (name: string, value: string) => void;

/** Scans a hash or a sorted set in pages. A repeated entry is harmless. */
async function scan(
  page: (cursor: string) => Promise<[string, (string | number)[]]>,
  take: Take,
): Promise<void> {
  let cursor = "0";
  do {
    const [next, flat] = await page(cursor);
    for (let at = 0; at < flat.length; at += 2) take(String(flat[at]), String(flat[at + 1]));
    cursor = String(next);
  } while (cursor !== "0");
}

function claimFact(text: string): ClaimFact {
  try {
    return readClaim(text);
  } catch {
    return { unreadable: text.slice(0, 100) };
  }
}
