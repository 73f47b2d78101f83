import { openSources } from "../audit/sources.ts";
import { readConfig } from "./config.ts";
import { edgeClient } from "./edge-client.ts";
import { type RushOptions, readCommandLine, usage } from "./options.ts";
import { runRush } from "./run.ts";
import { rushText } from "./tables.ts";

/** Bun reads it when a process starts: how many requests may be under way at once, 256 where nobody says. */
const REQUESTS_AT_ONCE = "BUN_CONFIG_MAX_HTTP_REQUESTS";
const REQUESTS_MAX = 60_000;

/** Exit codes: 0 every promise kept, 1 one was not, 2 the rush could not be made. */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`rush: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  const config = readConfig(process.env);
  if (process.env[REQUESTS_AT_ONCE] === undefined) return await startAgain(args);
  const sources = await openSources(config.servers);
  try {
    const report = await runRush({ edge: edgeClient(config.edgeUrl), sources }, options);
    console.log(options.json ? JSON.stringify(report, null, 2) : rushText(report));
    return report.kept ? 0 : 1;
  } finally {
    await sources.close();
  }
}

/** Runs this program once more, with room for a whole crowd. */
async function startAgain(args: string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, import.meta.path, ...args], {
    env: { ...process.env, [REQUESTS_AT_ONCE]: String(REQUESTS_MAX) },
    stdio: ["inherit", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return await child.exited;
}

function parse(args: string[]): RushOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
