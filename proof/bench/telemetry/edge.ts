import { openRedis } from "../../../admission/redis.ts";
import { type Runtime, type ServedEdge, serveEdge } from "../../../test/edge-runtimes.ts";
import { mintTokens, pressing } from "../edge/crowd.ts";
import { loadLectures } from "../edge/lectures.ts";
import { type Loaded, onOneCore } from "../on-one-core.ts";
import type { Sides } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { runWrk } from "../wrk.ts";
import { openSink, SAMPLED } from "./collector.ts";

const CONNECTIONS = 64;
const STUDENTS = 1_000;

/**
 * The edge refusing from memory, its cheapest work and most of a rush: with all its telemetry, and
 * with none.
 */
export async function openEdges({ environment }: BenchSystem, runtime: Runtime): Promise<Sides> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  const { EDGE_KEYS, SESSION_KEYS, ORIGIN_URL, METRICS_TOKEN } = environment;
  const sink = openSink();
  const settings = {
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
    EDGE_KEYS,
    SESSION_KEYS,
    ORIGIN_URL,
  };
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_TRACES_SAMPLER_ARG: SAMPLED };
  const ours = await serveEdge(runtime, { ...settings, ...traced, METRICS_TOKEN });
  const bare = await serveEdge(runtime, settings);
  const redis = openRedis({ url, token, timeoutMs: 10_000 });
  const tokens = await mintTokens(SESSION_KEYS, STUDENTS);
  const loaded = (edge: ServedEdge): Loaded => ({
    pid: edge.pid,
    async load(seconds) {
      const lectures = await loadLectures(redis, "refusing", tokens[0] ?? "", 1);
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
      await sink.close();
    },
  };
}
