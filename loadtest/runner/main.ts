import { BROKEN, HELD, runCommand } from "../../proof/kit/command.ts";
import { startOwnSystem } from "../../proof/kit/own-system.ts";
import { openProgress } from "../../proof/kit/progress.ts";
import { readConfig } from "../../stack/config.ts";
import { runningStack } from "../../stack/environment.ts";
import { findK6, K6Missing } from "./k6.ts";
import { readCommandLine, usage } from "./options.ts";
import { type LoadTarget, runLoad } from "./run.ts";
import { loadText } from "./table.ts";

/** The exit code without a k6 and a way to get it. */
const NO_K6 = 3;

/* npm run load: a missed threshold, or a breach in the audit, ends it with 1. */
await runCommand({
  name: "load",
  usage,
  read: readCommandLine,
  codeOf: (error) => (error instanceof K6Missing ? NO_K6 : undefined),
  async run(options, { interrupts }) {
    const interrupted = interrupts.stop;
    const k6 = await findK6({ tell: (line) => console.error(line), interrupted });
    const target = options.ownStack
      ? await startOwnSystem(interrupts, { dir: ".stack-load", quietly: options.json })
      : findRunning();
    const { tell, end } = openProgress({ every: false });
    try {
      const report = await runLoad(k6, target, options, { interrupted, tell });
      end();
      console.log(options.json ? JSON.stringify(report, null, 2) : loadText(report));
      return report.kept ? HELD : BROKEN;
    } finally {
      end();
      await target.stop();
    }
  },
});

function findRunning(): LoadTarget & { stop(): Promise<void> } {
  const { dir } = readConfig({ LECTERN_STACK_DIR: process.env["LECTERN_STACK_DIR"] });
  return { dir, environment: runningStack(process.env), async stop() {} };
}
