import { readStages } from "./edge/reads.ts";
import { edgeStages } from "./edge/stages.ts";
import type { Stage } from "./stage.ts";
import { originQueue } from "./stages/origin-queue.ts";
import { redisFront } from "./stages/redis-front.ts";
import { wholePath } from "./stages/whole-path.ts";
import { worker } from "./stages/worker.ts";
import { telemetryStages } from "./telemetry/stages.ts";

/** Every stage, in the order of a reservation's path. */
export const stages: Stage[] = [
  ...edgeStages,
  ...readStages,
  redisFront,
  originQueue,
  worker,
  wholePath,
  ...telemetryStages,
];
