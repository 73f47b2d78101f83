import { openRedis } from "../../../admission/redis.ts";
import { Keyring } from "../../../contract/keyring.ts";
import { type Runtime, type ServedEdge, serveEdge } from "../../../test/edge-runtimes.ts";
import { type Loaded, onOneCore } from "../on-one-core.ts";
import type { Sides, Stage } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { runWrk } from "../wrk.ts";
import type { Bare } from "./bare/app.ts";
import { mintTokens, pressing } from "./crowd.ts";
import { type LoadedFor, loadLectures } from "./lectures.ts";
import { recordOnce } from "./record.ts";
import { serveBare } from "./serve-bare.ts";
import { startStubOrigin } from "./stub-origin.ts";

export interface EdgeStage {
  name: string;
  ceiling: string;
  atLeast: number;
  does: Bare["does"];
  /** the number of students whose tokens alternate: fewer or more than the edge remembers */
  students: number;
  /** the state of the lectures */
  loaded: LoadedFor;
}

/** Requests in flight, from one thread of wrk. */
const CONNECTIONS = 64;

/** The number of lectures in one measurement in which each press must be its student's first. */
const LECTURES_MAX = 60;

/**
 * The edge on one runtime, and a bare handler on the same runtime with the same effect on Redis and
 * origin and the same answer. Both are measured in requests per second of their own CPU time. That
 * is the capacity of one core, although generators, Redis and both edges share the cores.
 */
export function edgeStage(runtime: Runtime, stage: EdgeStage): Stage {
  const { name, ceiling, atLeast } = stage;
  return {
    name: `${name}, ${runtime}`,
    ceiling,
    atLeast,
    open: (system) => openSides(system, runtime, stage),
  };
}

async function openSides(
  { environment }: BenchSystem,
  runtime: Runtime,
  stage: EdgeStage,
): Promise<Sides> {
  const {
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
    EDGE_KEYS,
    SESSION_KEYS,
  } = environment;
  const redis = openRedis({ url, token, timeoutMs: 10_000 });
  const origin = startStubOrigin();
  const settings = {
    EDGE_KEYS,
    SESSION_KEYS,
    ORIGIN_URL: origin.url,
    UPSTASH_REDIS_REST_TOKEN: token,
    ...ROOMY,
  };
  const tokens = await mintTokens(SESSION_KEYS, stage.students);
  const holder = tokens[0] ?? "";
  const recorded = await recordOnce(redis, url, settings, holder, stage.loaded);
  const ours = await serveEdge(runtime, { ...settings, UPSTASH_REDIS_REST_URL: url });
  const bare = await serveBare(runtime, {
    does: stage.does,
    answer: recorded.answer,
    secret: secretOf(SESSION_KEYS),
    redis: { url, token },
    pipeline: recorded.pipeline,
    originUrl: origin.url,
  });
  const loaded = (edge: ServedEdge): Loaded => ({
    pid: edge.pid,
    async load(seconds) {
      const lectures = await loadLectures(
        redis,
        stage.loaded,
        holder,
        stage.loaded === "taking" ? LECTURES_MAX : 1,
      );
      if (stage.loaded === "refusing") await pressOnce(edge.url, lectures[0] ?? "", holder);
      const lua = pressing(tokens, lectures);
      return await runWrk({
        url: edge.url,
        seconds,
        connections: CONNECTIONS,
        lua,
        answers: "any",
      });
    },
  });
  return {
    both: onOneCore(loaded(ours), loaded(bare)),
    async close() {
      await ours.close();
      await bare.close();
      await origin.close();
    },
  };
}

/**
 * The edge learns the refusals from memory before each round. Otherwise the first 64 presses of a
 * round would be claims.
 */
async function pressOnce(edgeUrl: string, lectureId: string, token: string): Promise<void> {
  const path = `/api/lectures/${lectureId}/reservations`;
  const answer = await fetch(edgeUrl + path, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
  });
  await answer.body?.cancel();
}

/**
 * Buckets that never run dry: the speed of their use is measured, and one address sends everything.
 */
export const ROOMY = {
  USER_BUCKET_TOKENS: "1000000",
  USER_BUCKET_REFILL_PER_S: "1000000",
  ADDRESS_BUCKET_TOKENS: "10000000",
  ADDRESS_BUCKET_REFILL_PER_S: "10000000",
  READ_BUCKET_TOKENS: "10000000",
  READ_BUCKET_REFILL_PER_S: "10000000",
};

function secretOf(sessionKeys: string): string {
  return Buffer.from(Keyring.parse(sessionKeys)[0].secret).toString("base64");
}
