import { runtimes } from "../../../test/edge-runtimes.ts";
import type { Stage } from "../stage.ts";
import { openEdges } from "./edge.ts";
import { openOrigins } from "./origin.ts";
import { openWorkers } from "./worker.ts";

const beside = { ceiling: "the same without telemetry", atLeast: 0.95 };

/**
 * The cost of metrics and traces: operations per second of the service's CPU, with telemetry and
 * without.
 */
export const telemetryStages: Stage[] = [
  ...runtimes.map((runtime) => ({
    ...beside,
    name: `telemetry, edge refuses from memory, ${runtime}`,
    open: (system: Parameters<Stage["open"]>[0]) => openEdges(system, runtime),
  })),
  { ...beside, name: "telemetry, origin queues", open: openOrigins },
  { ...beside, name: "telemetry, worker decides", open: openWorkers },
];
