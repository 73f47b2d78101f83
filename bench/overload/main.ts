import { listenToInterrupts } from "../../stack/interrupts.ts";
import { type OverloadOptions, readCommandLine, usage } from "./options.ts";
import { runOverload } from "./run.ts";
import { startOwnSystem } from "./system.ts";
import { overloadText } from "./table.ts";

/** Exit codes: 0 every bar reached, 1 one was missed, 2 it could not be measured. */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`overload: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  const interrupts = listenToInterrupts();
  const system = await startOwnSystem(interrupts);
  try {
    const report = await Promise.race([runOverload(system, options, tell), interrupted(interrupts.stop)]);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    console.log(options.json ? JSON.stringify(report, null, 2) : overloadText(report));
    return report.bars.every(({ reached }) => reached) ? 0 : 1;
  } finally {
    await system.stop();
    interrupts.close();
  }
}

/** Progress: on a terminal each line takes the place of the one before. */
function tell(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

function interrupted(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => stop.addEventListener("abort", () => reject(new Error("interrupted"))));
}

function parse(args: string[]): OverloadOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
