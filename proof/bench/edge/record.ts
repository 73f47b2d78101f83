import type { Redis } from "@upstash/redis";
import { startCountingProxy } from "../../../test/counting-proxy.ts";
import { serveEdge } from "../../../test/edge-runtimes.ts";
import { type LoadedFor, loadLectures, userOf } from "./lectures.ts";

export interface Recorded {
  answer: { status: number; headers: Record<string, string>; body: string };
  /**
   * the edge's request to Redis, with the placeholders LECTURE, USER and RID; a student who holds a
   * seat is kept as is
   */
  pipeline: string;
}

/**
 * Records the edge's requests and answer for one press, so that the bare handler can send and
 * answer the same.
 */
export async function recordOnce(
  redis: Redis,
  redisUrl: string,
  settings: Record<string, string>,
  token: string,
  loaded: LoadedFor,
): Promise<Recorded> {
  const wire = startCountingProxy(redisUrl);
  const edge = await serveEdge("bun", { ...settings, UPSTASH_REDIS_REST_URL: wire.url });
  try {
    await press(edge.url, token, redis, loaded);
    return await press(edge.url, token, redis, loaded, wire.requests);
  } finally {
    await edge.close();
    await wire.close();
  }
}

async function press(
  edgeUrl: string,
  token: string,
  redis: Redis,
  loaded: LoadedFor,
  requests: { path: string; body: string }[] = [],
): Promise<Recorded> {
  const [lectureId = ""] = await loadLectures(redis, loaded, token, 1);
  const before = requests.length;
  const answer = await fetch(`${edgeUrl}/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
  });
  const headers = Object.fromEntries(answer.headers);
  for (const own of ["date", "content-length", "connection", "keep-alive"]) delete headers[own];
  const pipeline = requests.slice(before).find(({ path }) => path === "/pipeline")?.body ?? "";
  return {
    answer: { status: answer.status, headers, body: await answer.text() },
    pipeline: templateOf(pipeline, lectureId, loaded === "held" ? undefined : userOf(token)),
  };
}

function templateOf(pipeline: string, lectureId: string, userId: string | undefined): string {
  const rid = new RegExp(`${lectureId}-[0-9a-f]{32}`, "g");
  const filled = pipeline.replace(rid, "RID").replaceAll(lectureId, "LECTURE");
  return userId ? filled.replaceAll(userId, "USER") : filled;
}
