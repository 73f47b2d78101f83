import { resolve } from "node:path";
import { type Interrupts, listenToInterrupts } from "../stack/interrupts.ts";
import { ROOT } from "../stack/layout.ts";
import { lockStack } from "../stack/lock.ts";
import { StackError } from "../stack/stack-error.ts";
import { runChaos } from "./chaos.ts";
import { type ChaosOptions, readCommandLine, usage } from "./options.ts";

/** Bun reads it when a process starts: how many requests may be under way at once, 256 where nobody says. */
const REQUESTS_AT_ONCE = "BUN_CONFIG_MAX_HTTP_REQUESTS";
const REQUESTS_MAX = 60_000;

/** Exit codes: 0 no breach, 1 a breach, 2 it could not be run, 130 interrupted. */
const interrupts = listenToInterrupts();
process.exit(await main(process.argv.slice(2), interrupts).catch((error) => tell(error, interrupts)));

async function main(args: string[], interrupts: Interrupts): Promise<number> {
  const options = parse(args);
  if (process.env[REQUESTS_AT_ONCE] === undefined) return await startAgain(args);
  const dir = resolve(ROOT, options.dir);
  const unlock = lockStack(dir, "npm run chaos");
  try {
    return await run({ ...options, dir }, interrupts);
  } finally {
    unlock();
  }
}

async function run(options: ChaosOptions, interrupts: Interrupts): Promise<number> {
  return await runChaos(options, interrupts);
}

/** Runs this program once more, with room for a whole crowd. An interrupt ends that one first. */
async function startAgain(args: string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, import.meta.path, ...args], {
    env: { ...process.env, [REQUESTS_AT_ONCE]: String(REQUESTS_MAX) },
    stdio: ["inherit", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return await child.exited;
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
