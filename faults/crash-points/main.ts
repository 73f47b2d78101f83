import { parseArgs } from "node:util";
import { listenToInterrupts } from "../../stack/interrupts.ts";
import { everyCrash } from "./plan.ts";
import { runCrashes } from "./run.ts";
import { crashLine, crashText } from "./table.ts";

/*
 * npm run crash-points: kills a service at every crash point, or at those that begin with an argument, and audits. Exit codes: 0 nothing was
 * lost, 1 something was or a point was not come to, 2 the run could not be made.
 */
const interrupts = listenToInterrupts();
process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    if (interrupts.stop.aborted) return 130;
    console.error(`crash-points: ${error instanceof Error ? error.message : error}`);
    return 2;
  }),
);

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { json: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const crashes = everyCrash().filter(
    ({ point }) => positionals.length === 0 || positionals.some((start) => point.startsWith(start)),
  );
  if (crashes.length === 0) throw new Error(`no crash point begins with ${positionals.join(" or ")}`);
  const report = await runCrashes(crashes, {
    interrupts,
    onCrash: (outcome) => !values.json && console.log(crashLine(outcome)),
  });
  console.log(values.json ? JSON.stringify(report, null, 2) : crashText(report));
  return report.kept ? 0 : 1;
}
