import type { LectureId } from "../../../contract/ids.ts";
import { redisKeys } from "../../../contract/names.ts";
import type { AuditSources } from "../../audit/sources.ts";
import { makeLecture } from "../../kit/lecture.ts";

/**
 * The rows come from MariaDB's sequence table, inside the server. Times are whole seconds after the
 * opening.
 */
const INSERT_DECISIONS = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
  SELECT lecture_id, CONCAT(lecture_id, '-', MD5(CONCAT(lecture_id, '/', seq))), CONCAT('planted-', seq), 'confirmed',
         opens_at, opens_at
    FROM stock, seq_1_to_{COUNT} WHERE lecture_id = ?`;

const TAKE_SEATS = "UPDATE stock SET remaining = remaining - ? WHERE lecture_id = ?";

export interface LargeLecture {
  /** taken seats, each with a decision */
  decisions: number;
  seatsLeft: number;
  opensInS: number;
  openForMin: number;
}

/** Makes a lecture with many past decisions. Redis learns of them after `tellNotReady`. */
export async function makeLargeLecture(
  sources: AuditSources,
  large: LargeLecture,
): Promise<LectureId> {
  const { decisions, seatsLeft, ...window } = large;
  const lectureId = await makeLecture(sources, {
    seats: decisions + seatsLeft,
    seed: 0,
    ...window,
  });
  await sources.database.withConnection(async (connection) => {
    await connection.beginTransaction();
    await connection.query(INSERT_DECISIONS.replace("{COUNT}", String(decisions)), [lectureId]);
    await connection.query(TAKE_SEATS, [decisions, lectureId]);
    await connection.commit();
  });
  await untilReady(sources, lectureId, LOADED_WITHIN_MS);
  await tellNotReady(sources, lectureId);
  return lectureId;
}

const LOADED_WITHIN_MS = 60_000;
const POLL_MS = 10;

/**
 * Closes admission to a lecture, as a worker does that finds Redis behind (worker/redis-behind.ts).
 */
export async function tellNotReady({ redis }: AuditSources, lectureId: LectureId): Promise<void> {
  await redis.hset(redisKeys.lecture(lectureId), { ready: "0" });
}

/**
 * Waits until admission to a lecture is open. Returns the wait in milliseconds; undefined if it
 * exceeds `withinMs`.
 */
export async function untilReady(
  { redis }: AuditSources,
  lectureId: LectureId,
  withinMs: number,
): Promise<number | undefined> {
  const startedAtMs = performance.now();
  for (;;) {
    const ready = await redis.hget(redisKeys.lecture(lectureId), "ready");
    const tookMs = performance.now() - startedAtMs;
    if (String(ready) === "1") return Math.round(tookMs);
    if (tookMs > withinMs) return undefined;
    await Bun.sleep(POLL_MS);
  }
}
