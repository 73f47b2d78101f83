import { BROKEN, HELD, runCommand } from "../../kit/command.ts";
import { flag, readOptions } from "../../kit/options.ts";
import { everyCrash } from "./plan.ts";
import { runCrashes } from "./run.ts";
import { crashLine, crashText } from "./table.ts";

/*
 * npm run crash-points: kills a service at every crash point, or at those that begin with an
 * argument, and audits. Exit code 1 on a loss, or on a point that no service reached.
 */
await runCommand({
  name: "crash-points",
  usage: "usage: npm run crash-points -- [POINT …] [--json]",
  read: (args) => readOptions(args, { json: flag }),
  async run({ options: { json }, words }, { interrupts }) {
    const crashes = everyCrash().filter(
      ({ point }) => words.length === 0 || words.some((start) => point.startsWith(start)),
    );
    if (crashes.length === 0) throw new Error(`no crash point begins with ${words.join(" or ")}`);
    const report = await runCrashes(crashes, {
      interrupts,
      onCrash: (outcome) => !json && console.log(crashLine(outcome)),
    });
    console.log(json ? JSON.stringify(report, null, 2) : crashText(report));
    return report.kept ? HELD : BROKEN;
  },
});
