import { onOneCore } from "../on-one-core.ts";
import { originLoad } from "../origin/load.ts";
import { startOrigin } from "../origin/process.ts";
import type { Sides } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openSink } from "./collector.ts";

const CLIENTS = 128;

/** The origin queueing commands over HTTP: with all its telemetry, and with none. */
export async function openOrigins({ environment }: BenchSystem): Promise<Sides> {
  const sink = openSink();
  const ours = await startOrigin({ ...environment, ...sink.settings });
  const bare = await startOrigin({ ...environment, METRICS: "0" });
  const loadOf = (origin: typeof ours) => originLoad(origin.environment, CLIENTS);
  return {
    async warmUp() {
      await Promise.all([loadOf(ours).warmUp(), loadOf(bare).warmUp()]);
    },
    ...onOneCore({ ours, bare }, (origin) => loadOf(origin).queue, sink),
  };
}
