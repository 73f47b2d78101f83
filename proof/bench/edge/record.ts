import type { StackEnvironment } from "../../../stack/environment.ts";
import { startCountingProxy } from "../../../test/counting-proxy.ts";
import { serveEdge } from "../../../test/edge-runtimes.ts";
import { redisOf } from "../servers.ts";
import type { Bare } from "./bare/app.ts";
import { pressButton } from "./crowd.ts";
import { loadLectures, userOf } from "./lectures.ts";
import type { Presses } from "./load.ts";

/**
 * Records the edge's request to Redis and its answer for one press, so that the bare handler can
 * send and answer the same. A student who holds a seat is kept in the request as is.
 */
export async function recordOnce(
  environment: StackEnvironment,
  settings: Record<string, string>,
  { tokens: [token = ""], loaded }: Presses,
): Promise<Pick<Bare, "answer" | "pipeline">> {
  const redis = redisOf(environment);
  const wire = startCountingProxy(environment.UPSTASH_REDIS_REST_URL);
  const edge = await serveEdge("bun", { ...settings, UPSTASH_REDIS_REST_URL: wire.url });

  async function press(): Promise<Pick<Bare, "answer" | "pipeline">> {
    const [lectureId = ""] = await loadLectures(redis, loaded, token, 1);
    const before = wire.requests.length;
    const answer = await pressButton(edge.url, lectureId, token);
    const headers = Object.fromEntries(answer.headers);
    for (const own of ["date", "content-length", "connection", "keep-alive"]) delete headers[own];
    const sent = wire.requests.slice(before).find(({ path }) => path === "/pipeline")?.body ?? "";
    return {
      answer: { status: answer.status, headers, body: await answer.text() },
      pipeline: templateOf(sent, lectureId, loaded === "held" ? undefined : userOf(token)),
    };
  }

  try {
    await press();
    return await press();
  } finally {
    await edge.close();
    await wire.close();
  }
}

function templateOf(pipeline: string, lectureId: string, userId: string | undefined): string {
  const rid = new RegExp(`${lectureId}-[0-9a-f]{32}`, "g");
  const filled = pipeline.replace(rid, "RID").replaceAll(lectureId, "LECTURE");
  return userId ? filled.replaceAll(userId, "USER") : filled;
}
