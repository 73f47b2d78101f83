import { edgeStages } from "./edge/stages.ts";
import type { Stage } from "./stage.ts";

/** Every stage, in the order of a reservation's way. */
export const stages: Stage[] = [...edgeStages];
