import { openSources } from "../audit/sources.ts";
import { BROKEN, HELD, runCommand } from "../kit/command.ts";
import { hasRoomForACrowd, runWithRoom } from "../kit/crowd-of-requests.ts";
import { edgeClient } from "../kit/edge-client.ts";
import { readConfig } from "./config.ts";
import { readCommandLine, usage } from "./options.ts";
import { runRush } from "./run.ts";
import { rushText } from "./tables.ts";

await runCommand({
  name: "rush",
  usage,
  read: readCommandLine,
  async run(options) {
    const config = readConfig(process.env);
    if (!hasRoomForACrowd()) return await runWithRoom(import.meta.path, process.argv.slice(2));
    const sources = await openSources(config.servers);
    try {
      const edge = edgeClient(config.edgeUrl);
      let kept = 0;
      for (let rush = 0; rush < options.rushes; rush += 1) {
        const ofSeed = { ...options, seed: (options.seed + rush) % 2 ** 32 };
        const report = await runRush({ edge, sources }, ofSeed);
        console.log(options.json ? JSON.stringify(report, null, 2) : rushText(report));
        if (report.kept) kept += 1;
      }
      if (options.rushes > 1) console.log(`${kept} of ${options.rushes} rushes kept every promise`);
      return kept === options.rushes ? HELD : BROKEN;
    } finally {
      await sources.close();
    }
  },
});
