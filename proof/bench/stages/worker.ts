import { openMeasuredProcess } from "../measured-process.ts";
import type { Stage } from "../stage.ts";

/**
 * How often both sides run before the first round counts, and for how long, in seconds: ZooKeeper's JVM and the worker's own runtime are
 * still compiling what runs after a hundred thousand commands, and ours needs both where the bare side needs neither.
 */
const WARM_UPS = 3;
const WARM_UP_SECONDS = 3;

/** What the worker does for a command: consume it, commit its decision, settle claim and pending node, acknowledge it. */
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
