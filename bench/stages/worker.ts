import { openMeasuredProcess } from "../measured-process.ts";
import type { Stage } from "../stage.ts";

/** What the worker does for a command: consume it, commit its decision, settle claim and pending node, acknowledge it. */
export const worker: Stage = {
  name: "worker",
  ceiling: "raw consume, then raw batch insert",
  atLeast: 0.6,
  open: ({ apart }) => openMeasuredProcess("bench/stages/worker/process.ts", apart),
};
