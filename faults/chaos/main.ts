import { hasRoomForACrowd, runWithRoom } from "../../rush/crowd-of-requests.ts";
import { type Interrupts, listenToInterrupts } from "../../stack/interrupts.ts";
import { lockStack } from "../../stack/lock.ts";
import { StackError } from "../../stack/stack-error.ts";
import { startSystem } from "../system/system.ts";
import { type RunContext, runChaos } from "./chaos.ts";
import { runLostReplies, UNLIMITED } from "./lost-replies.ts";
import { runNotReady } from "./not-ready.ts";
import { type ChaosOptions, readCommandLine, usage } from "./options.ts";
import { runRestarts } from "./restarts.ts";
import { runSoak } from "./soak.ts";

/** Long enough for any run, so that nobody has to sign in twice. */
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

/** Exit codes: 0 no breach, 1 a breach, 2 it could not be run, 130 interrupted. */
const interrupts = listenToInterrupts();
process.exit(await main(process.argv.slice(2), interrupts).catch((error) => tell(error, interrupts)));

async function main(args: string[], interrupts: Interrupts): Promise<number> {
  const options = parse(args);
  if (!hasRoomForACrowd()) return await runWithRoom(import.meta.path, args);
  const unlock = lockStack(options.dir, "npm run chaos");
  try {
    return await onSystem(options, interrupts);
  } finally {
    unlock();
  }
}

/** Starts the system, runs what was asked for on it, and stops it whatever happens. */
async function onSystem(options: ChaosOptions, { stop, hurry }: Interrupts): Promise<number> {
  const { dir, json } = options;
  const settings = { SESSION_MINUTES, ...(options.mode === "lost-replies" && UNLIMITED) };
  const system = await startSystem({ dir, settings, interrupted: stop, hurry, quietly: json });
  try {
    const say = (text: string) => console[json ? "error" : "log"](text);
    const report = await modes[options.mode]({ system, interrupted: stop, say }, options);
    if (json) console.log(JSON.stringify(report, null, 2));
    return report.clean ? 0 : 1;
  } finally {
    await system.stop();
  }
}

function parse(args: string[]): ChaosOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new StackError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function tell(error: unknown, { stop }: Interrupts): number {
  if (stop.aborted) {
    console.error("interrupted: everything that was started has been stopped");
    return 130;
  }
  console.error(error instanceof StackError ? `chaos: ${error.message}` : error);
  return 2;
}
