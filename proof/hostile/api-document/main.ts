import { join } from "node:path";
import { ROOT } from "../../../stack/layout.ts";
import { BROKEN, HELD, runCommand } from "../../kit/command.ts";
import { startOwnSystem } from "../../kit/own-system.ts";
import { findSchemathesis } from "./find-schemathesis.ts";
import { fuzz } from "./fuzz.ts";
import { readCommandLine, usage } from "./options.ts";
import { holds, reportText } from "./report.ts";

/** The directory of the system, of Schemathesis and of its findings. */
const DIR = ".stack-fuzz";

/** Most requests must reach the routes: a student of this run may send as many as come. */
const SETTINGS = {
  USER_BUCKET_TOKENS: "1000000",
  USER_BUCKET_REFILL_PER_S: "1000000",
};

/*
 * npm run fuzz-api: Schemathesis makes requests from the API's document. Every answer must be one
 * of the document, by status, type, headers and schema, and no 5xx but 503.
 */
await runCommand({
  name: "fuzz-api",
  usage,
  read: readCommandLine,
  async run(options, { interrupts, tell, end }) {
    const dir = join(ROOT, DIR);
    tell("looking for Schemathesis");
    const program = await findSchemathesis(dir);
    tell("starting a system");
    const system = await startOwnSystem(interrupts, { dir: DIR, settings: SETTINGS });
    try {
      tell(`sending requests for ${options.minutes} min`);
      const edgeUrl = system.environment.EDGE_URL;
      const { report, log } = await fuzz(
        program,
        { edgeUrl, dir: join(dir, "findings") },
        options,
        interrupts.stop,
      );
      end();
      console.log(options.json ? JSON.stringify(report, null, 2) : reportText(report, log));
      return holds(report) ? HELD : BROKEN;
    } finally {
      await system.stop();
    }
  },
});
