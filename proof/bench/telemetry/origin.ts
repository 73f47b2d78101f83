import { onOneCore } from "../on-one-core.ts";
import { type OriginLoad, queueCommands, warmUpOrigin } from "../origin/load.ts";
import { type OriginProcess, startOrigin } from "../origin/process.ts";
import type { Sides } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openSink, SAMPLED } from "./collector.ts";

const CLIENTS = 128;

/** The origin queueing commands over HTTP: with all its telemetry, and with none. */
export async function openOrigins({ environment }: BenchSystem): Promise<Sides> {
  const sink = openSink();
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_TRACES_SAMPLER_ARG: SAMPLED };
  const ours = await startOrigin({ ...environment, ...traced });
  const bare = await startOrigin({ ...environment, METRICS: "0" });
  const loadOf = ({ port }: OriginProcess): OriginLoad => ({
    port,
    edgeKeys: environment.EDGE_KEYS,
    clients: CLIENTS,
  });
  const loaded = (origin: OriginProcess) => ({
    pid: origin.pid,
    load: (seconds: number) => queueCommands(loadOf(origin), seconds),
  });
  return {
    async warmUp() {
      await Promise.all([warmUpOrigin(loadOf(ours)), warmUpOrigin(loadOf(bare))]);
    },
    both: onOneCore(loaded(ours), loaded(bare)),
    async close() {
      await ours.close();
      await bare.close();
      await sink.close();
    },
  };
}
