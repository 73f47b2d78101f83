import { openBar } from "../rush/progress.ts";
import { allTargets } from "./fuzz/targets.ts";
import { type Tried, tryRoute } from "./fuzz/try-route.ts";
import { type HostileOptions, readCommandLine, usage } from "./options.ts";
import { triedText } from "./table.ts";

/*
 * The long mode of what hostile/fuzz/routes.test.ts looks at: 100,000 inputs for every route of edge and origin. It needs no server.
 * Exit codes: 0 every answer was one of the contract, 1 one was not, 2 it could not be run.
 */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`hostile: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  const targets = (await allTargets()).filter(({ service, route }) =>
    `${service} ${route}`.includes(options.route),
  );
  if (targets.length === 0) throw new Error(`no route holds "${options.route}"`);
  const bar = openBar("inputs", targets.length * options.runs);
  const all: Tried[] = [];
  for (const target of targets) all.push(await tryRoute(target, { ...options, onRun: () => bar.add() }));
  bar.end();
  console.log(options.json ? JSON.stringify(all, null, 2) : triedText(all, options.seed));
  return all.some(({ failure }) => failure) ? 1 : 0;
}

function parse(args: string[]): HostileOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
