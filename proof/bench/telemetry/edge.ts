import { type Runtime, serveEdge } from "../../../test/edge-runtimes.ts";
import { mintTokens } from "../edge/crowd.ts";
import { edgeLoad } from "../edge/load.ts";
import { edgeSettings } from "../edge/settings.ts";
import { onOneCore } from "../on-one-core.ts";
import type { Sides } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openSink } from "./collector.ts";

const STUDENTS = 1_000;

/**
 * The edge refusing from memory, its cheapest work and most of a rush: with all its telemetry, and
 * with none.
 */
export async function openEdges({ environment }: BenchSystem, runtime: Runtime): Promise<Sides> {
  const { SESSION_KEYS, METRICS_TOKEN } = environment;
  const sink = openSink();
  const settings = edgeSettings(environment);
  const ours = await serveEdge(runtime, { ...settings, ...sink.settings, METRICS_TOKEN });
  const bare = await serveEdge(runtime, settings);
  const tokens = mintTokens(SESSION_KEYS, STUDENTS);
  return onOneCore({ ours, bare }, edgeLoad(environment, { tokens, loaded: "refusing" }), sink);
}
