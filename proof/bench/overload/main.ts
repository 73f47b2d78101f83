import { BROKEN, HELD, runCommand, untilInterrupted } from "../../kit/command.ts";
import { startBenchSystem } from "../system.ts";
import { readCommandLine, usage } from "./options.ts";
import { runOverload } from "./run.ts";
import { overloadText } from "./table.ts";

/* npm run overload: exit code 1 if a bar is missed. */
await runCommand({
  name: "overload",
  usage,
  read: readCommandLine,
  async run(options, { interrupts, tell, end }) {
    const system = await startBenchSystem(interrupts, { dir: ".stack-overload" });
    try {
      // It would take CPU from the origin, and for longer in the overload than at the peak.
      await system.stopWorker();
      const report = await untilInterrupted(runOverload(system, options, tell), interrupts);
      end();
      console.log(options.json ? JSON.stringify(report, null, 2) : overloadText(report));
      return report.bars.every(({ reached }) => reached) ? HELD : BROKEN;
    } finally {
      await system.stop();
    }
  },
});
