import { runningStack } from "../../stack/environment.ts";
import { findK6, HOW_TO_GET_IT } from "./k6.ts";
import { readCommandLine, usage } from "./options.ts";
import { runLoad } from "./run.ts";
import { loadText } from "./table.ts";

/* npm run load: exit codes 0 every threshold green and the audit clean, 1 not so, 2 the run could not be made. */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`load: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  const environment = runningStack(process.env);
  const k6 = await findK6((line) => console.error(line));
  if (!k6) throw new Error(HOW_TO_GET_IT);
  const report = await runLoad(k6, environment, options);
  console.log(options.json ? JSON.stringify(report, null, 2) : loadText(report));
  return report.kept ? 0 : 1;
}

function parse(args: string[]) {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
