import { openMeasuredProcess } from "../measured-process.ts";
import type { Stage } from "../stage.ts";

/**
 * The origin's work for a command without HTTP: the pending node, then the message and its confirm.
 */
export const originQueue: Stage = {
  name: "origin queue",
  ceiling: "raw multi, then raw confirms",
  atLeast: 0.6,
  open: ({ apart }) => openMeasuredProcess("proof/bench/stages/origin-queue/process.ts", apart),
};
