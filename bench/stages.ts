import { edgeStages } from "./edge/stages.ts";
import type { Stage } from "./stage.ts";
import { telemetryStages } from "./telemetry/stages.ts";

/** Every stage, in the order of a reservation's way. */
export const stages: Stage[] = [...edgeStages, ...telemetryStages];
