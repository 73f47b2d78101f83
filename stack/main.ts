import { parseArgs } from "node:util";
import { readConfig, type StackConfig, stackDir } from "./config.ts";
import { stopStack } from "./down.ts";
import { environmentOf } from "./environment.ts";
import { stayInFront } from "./in-front.ts";
import { type Interrupts, listenToInterrupts } from "./interrupts.ts";
import { followLog } from "./logs.ts";
import { previewPlan, readPlan } from "./plan.ts";
import { StackError } from "./stack-error.ts";
import { statusOf } from "./status.ts";
import { nextSteps, statusTable } from "./tables.ts";
import { startStack } from "./up.ts";

const options = {
  detach: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  replica: { type: "boolean", default: false },
  wipe: { type: "boolean", default: false },
} as const;

const interrupts = listenToInterrupts();
try {
  process.exit(await run(process.argv.slice(2), interrupts));
} catch (error) {
  process.exit(tell(error, interrupts));
}

/** Gives the exit code. */
async function run(args: string[], interrupts: Interrupts): Promise<number> {
  const { command, name, values } = readArguments(args);
  // The directory alone identifies the stack, so no other wrong setting keeps it from being shown
  // or stopped.
  const dir = stackDir(process.env["LECTERN_STACK_DIR"]);
  const { replica } = values;
  if (command === "up")
    return await up({ ...readConfig(process.env), replica }, values.detach, interrupts);
  if (command === "status") return await status(dir, values.json);
  if (command === "logs") await followLog(dir, name, interrupts.stop);
  if (command === "down") await down(dir, values.wipe, interrupts);
  return 0;
}

async function up(config: StackConfig, detach: boolean, interrupts: Interrupts): Promise<number> {
  const startedAtMs = performance.now();
  const { plan, started } = await startStack(config, {
    interrupted: interrupts.stop,
    hurry: interrupts.hurry,
  });
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(started.length > 0 ? `\nup in ${seconds} s\n` : "\neverything is running already\n");
  console.log(statusTable(await statusOf(plan)));
  console.log(`\n${nextSteps(environmentOf(plan))}\n`);
  if (detach || started.length === 0) return 0;
  console.log("Ctrl-C stops what this command has started.");
  return (await stayInFront(plan.dir, started, interrupts)) ? 0 : 1;
}

async function status(dir: string, json: boolean): Promise<number> {
  const parts = await statusOf(readPlan(dir) ?? previewPlan(readConfig(process.env)));
  console.log(json ? JSON.stringify(parts, null, 2) : statusTable(parts));
  return 0;
}

async function down(dir: string, wipe: boolean, { hurry }: Interrupts): Promise<void> {
  const count = await stopStack(dir, { wipe, hurry });
  if (count === 0) console.log("nothing is running");
  if (wipe) console.log("the data is dropped");
}

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [command, name, ...more] = positionals;
    if (more.length > 0 || (name && command !== "logs"))
      throw new Error(`what is "${more[0] ?? name}"?`);
    return { command, name, values };
  } catch (error) {
    throw new StackError(error instanceof Error ? error.message : String(error));
  }
}

function tell(error: unknown, { stop }: Interrupts): number {
  if (stop.aborted) {
    console.error("interrupted: what was started has been stopped");
    return 130;
  }
  console.error(isOfTheMachine(error) ? `lectern: ${error.message}` : error);
  return 1;
}

/**
 * Whether an error is the machine's, such as a full disk: its message needs no stack trace of ours.
 */
function isOfTheMachine(error: unknown): error is Error {
  return error instanceof StackError || (error instanceof Error && "syscall" in error);
}
