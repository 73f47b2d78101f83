import { openMeasuredProcess } from "../measured-process.ts";
import type { Stage } from "../stage.ts";

/**
 * The uncounted runs of both sides and their duration in seconds. ZooKeeper's JVM and the worker's
 * runtime still compile after a hundred thousand commands; Lectern's side needs both, the bare side
 * neither.
 */
const WARM_UPS = 3;
const WARM_UP_SECONDS = 3;

/**
 * The worker's steps for a command: consume it, commit its decision, settle claim and pending node,
 * acknowledge it.
 */
export const worker: Stage = {
  name: "worker",
  ceiling: "raw consume, then raw batch insert",
  atLeast: 0.6,
  async open({ apart }) {
    const sides = await openMeasuredProcess("proof/bench/stages/worker/process.ts", apart);
    async function warmUp(): Promise<void> {
      for (let time = 0; time < WARM_UPS; time += 1) {
        await sides.bare(WARM_UP_SECONDS);
        await sides.ours(WARM_UP_SECONDS);
      }
    }
    return { ...sides, warmUp };
  },
};
