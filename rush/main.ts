import { openSources } from "../audit/sources.ts";
import { readConfig } from "./config.ts";
import { hasRoomForACrowd, runWithRoom } from "./crowd-of-requests.ts";
import { edgeClient } from "./edge-client.ts";
import { type RushOptions, readCommandLine, usage } from "./options.ts";
import { runRush } from "./run.ts";
import { rushText } from "./tables.ts";

/** Exit codes: 0 every promise kept, 1 one was not, 2 the rush could not be made. */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`rush: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  const config = readConfig(process.env);
  if (!hasRoomForACrowd()) return await runWithRoom(import.meta.path, args);
  const sources = await openSources(config.servers);
  try {
    const report = await runRush({ edge: edgeClient(config.edgeUrl), sources }, options);
    console.log(options.json ? JSON.stringify(report, null, 2) : rushText(report));
    return report.kept ? 0 : 1;
  } finally {
    await sources.close();
  }
}

function parse(args: string[]): RushOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
