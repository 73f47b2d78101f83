import { onOneCore } from "../on-one-core.ts";
import { type OriginLoad, queueCommands, warmUpOrigin } from "../origin/load.ts";
import { type OriginProcess, startOrigin } from "../origin/process.ts";
import type { Sides } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openSink } from "./collector.ts";

const CLIENTS = 128;

/** The origin queueing commands over HTTP: with all its telemetry, and with none. */
export async function openOrigins({ environment }: BenchSystem): Promise<Sides> {
  const sink = openSink();
  const ours = await startOrigin({ ...environment, ...sink.settings });
  const bare = await startOrigin({ ...environment, METRICS: "0" });
  const loadOf = ({ port }: OriginProcess): OriginLoad => ({
    port,
    edgeKeys: environment.EDGE_KEYS,
    clients: CLIENTS,
  });
  return {
    async warmUp() {
      await Promise.all([warmUpOrigin(loadOf(ours)), warmUpOrigin(loadOf(bare))]);
    },
    ...onOneCore(
      { ours, bare },
      (origin) => (seconds) => queueCommands(loadOf(origin), seconds),
      sink,
    ),
  };
}
