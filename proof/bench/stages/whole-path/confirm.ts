import { openRedis } from "../../../../admission/redis.ts";
import { redisKeys } from "../../../../contract/names.ts";
import type { Database } from "../../../../database/pool.ts";
import type { StackEnvironment } from "../../../../stack/environment.ts";
import {
  insertLecture,
  type LectureDatabases,
  openLectureDatabases,
} from "../../../../stack/insert-lecture.ts";
import { eventually } from "../../../../test/servers.ts";
import { edgeClient } from "../../../kit/edge-client.ts";
import { pressing } from "../../edge/crowd.ts";
import { runWrk } from "../../wrk.ts";

/**
 * The lectures of one measurement, pressed for one after the other: more presses than can be
 * answered.
 */
const LECTURES = 20;
const CAPACITY = 1_000_000;

/** Presses under way at once, for the separate parts too, so that all meet the same load. */
export const CONNECTIONS = 64;
const DECIDED_WITHIN_MS = 60_000;

/**
 * Presses for new lectures, and waits until all claims are decided. Returns the rows confirmed per
 * second, from the first press to the last decision.
 */
export async function confirmAll(
  environment: StackEnvironment,
  { edgeUrl, tokens, seconds }: { edgeUrl: string; tokens: string[]; seconds: number },
): Promise<number> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  const databases = openLectureDatabases(environment, 2);
  const redis = openRedis({ url, token, timeoutMs: 10_000 });
  try {
    const lectureIds = await publish(databases, edgeUrl);
    const startedAtMs = performance.now();
    const lua = pressing(tokens, lectureIds);
    await runWrk({ url: edgeUrl, seconds, connections: CONNECTIONS, lua });
    await eventually(
      "every claim is decided",
      async () =>
        (await Promise.all(lectureIds.map((id) => redis.zcard(redisKeys.held(id))))).every(
          (held) => Number(held) === 0,
        ),
      DECIDED_WITHIN_MS,
    );
    const tookMs = performance.now() - startedAtMs;
    return (1_000 * (await confirmedRows(databases.database, lectureIds))) / tookMs;
  } finally {
    await databases.close();
  }
}

async function publish(databases: LectureDatabases, edgeUrl: string): Promise<string[]> {
  const hourMs = 3_600_000;
  const at = (ms: number) => new Date(Date.now() + ms);
  const ids: string[] = [];
  for (let lecture = 0; lecture < LECTURES; lecture += 1) {
    const times = {
      opensAt: at(-60_000),
      closesAt: at(hourMs),
      startsAt: at(2 * hourMs),
      endsAt: at(3 * hourMs),
    };
    ids.push(
      await insertLecture(databases, {
        title: "测速 · A lecture to measure with",
        speaker: "npm run bench",
        venue: "-",
        ...times,
        capacity: CAPACITY,
      }),
    );
  }
  const client = edgeClient(edgeUrl);
  for (const id of ids)
    await eventually(
      "the lecture is loaded",
      async () => typeof (await client.availability(id)) !== "string",
      20_000,
    );
  return ids;
}

async function confirmedRows(database: Database, lectureIds: string[]): Promise<number> {
  return await database.withConnection(async (connection) => {
    const [rows] = await connection.query(
      "SELECT COUNT(*) AS confirmed FROM reservation WHERE lecture_id IN (?) AND status = 'confirmed'",
      [lectureIds],
    );
    return Number((rows as { confirmed: number }[])[0]?.confirmed);
  });
}
