import { readConfig } from "../../stack/config.ts";
import { runningStack } from "../../stack/environment.ts";
import { listenToInterrupts } from "../../stack/interrupts.ts";
import { findK6, K6Missing } from "./k6.ts";
import { type LoadOptions, readCommandLine, usage } from "./options.ts";
import { startOwnStack } from "./own-stack.ts";
import { openProgress } from "./progress.ts";
import { type LoadTarget, runLoad } from "./run.ts";
import { loadText } from "./table.ts";

/*
 * npm run load: exit codes 0 every threshold green and the audit clean, 1 not so, 2 the run could not be made, 3 it could not be made because
 * there is no k6 and no way to get it.
 */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`load: ${error instanceof Error ? error.message : error}`);
  return error instanceof K6Missing ? 3 : 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  const interrupts = listenToInterrupts();
  const k6 = await findK6({ tell: (line) => console.error(line), interrupted: interrupts.stop });
  const target = options.ownStack
    ? await startOwnStack(interrupts, { quietly: options.json })
    : await findRunning();
  const { tell, end } = openProgress();
  try {
    const report = await runLoad(k6, target, options, { interrupted: interrupts.stop, tell });
    end();
    console.log(options.json ? JSON.stringify(report, null, 2) : loadText(report));
    return report.kept ? 0 : 1;
  } finally {
    end();
    await target.stop();
    interrupts.close();
  }
}

async function findRunning(): Promise<LoadTarget & { stop(): Promise<void> }> {
  const { dir } = readConfig({ LECTERN_STACK_DIR: process.env["LECTERN_STACK_DIR"] });
  return { dir, environment: runningStack(process.env), async stop() {} };
}

function parse(args: string[]): LoadOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
