import type { Interrupts } from "../../../stack/interrupts.ts";
import { lockStack } from "../../../stack/lock.ts";
import { BROKEN, HELD, runCommand } from "../../kit/command.ts";
import { hasRoomForACrowd, runWithRoom } from "../../kit/crowd-of-requests.ts";
import { ROOMY_BUCKETS } from "../../kit/roomy-buckets.ts";
import { startSystem } from "../system/system.ts";
import { type RunContext, runChaos } from "./chaos.ts";
import { runLostReplies } from "./lost-replies.ts";
import { runNotReady } from "./not-ready.ts";
import { type ChaosOptions, readCommandLine, usage } from "./options.ts";
import { runRestarts } from "./restarts.ts";
import { runSoak } from "./soak.ts";

/** Longer than any run, so that no student signs in twice. */
const SESSION_MINUTES = "1440";

const modes: Record<
  ChaosOptions["mode"],
  (context: RunContext, options: ChaosOptions) => Promise<{ clean: boolean }>
> = {
  schedules: (context, options) => runChaos(context, options),
  soak: runSoak,
  restarts: runRestarts,
  "lost-replies": runLostReplies,
  "not-ready": runNotReady,
};

/* npm run chaos: exit code 1 on a breach. */
await runCommand({
  name: "chaos",
  usage,
  read: readCommandLine,
  async run(options, { interrupts }) {
    if (!hasRoomForACrowd()) return await runWithRoom(import.meta.path, process.argv.slice(2));
    const unlock = lockStack(options.dir, "npm run chaos");
    try {
      return await onSystem(options, interrupts);
    } finally {
      unlock();
    }
  },
});

/** Starts the system, runs the chosen mode, and stops the system in any case. */
async function onSystem(options: ChaosOptions, { stop, hurry }: Interrupts): Promise<number> {
  const { dir, json } = options;
  // The clients of lost replies send everything at once.
  const settings = { SESSION_MINUTES, ...(options.mode === "lost-replies" && ROOMY_BUCKETS) };
  const system = await startSystem({ dir, settings, interrupted: stop, hurry, quietly: json });
  try {
    const say = (text: string) => console[json ? "error" : "log"](text);
    const report = await modes[options.mode]({ system, interrupted: stop, say }, options);
    if (json) console.log(JSON.stringify(report, null, 2));
    return report.clean ? HELD : BROKEN;
  } finally {
    await system.stop();
  }
}
