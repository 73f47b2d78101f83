import { join } from "node:path";
import type { Role } from "../../../contract/session.ts";
import { ROOT } from "../../../stack/layout.ts";
import { BROKEN, HELD, runCommand } from "../../kit/command.ts";
import { startOwnSystem } from "../../kit/own-system.ts";
import { ROOMY_BUCKETS } from "../../kit/roomy-buckets.ts";
import { findSchemathesis } from "./find-schemathesis.ts";
import { type Fuzzed, fuzz, ROLES } from "./fuzz.ts";
import { readCommandLine, usage } from "./options.ts";
import { holds, reportText } from "./report.ts";

/** The directory of the system, of Schemathesis and of its findings. */
const DIR = ".stack-fuzz";

/*
 * npm run fuzz-api: Schemathesis makes requests from the API's document, in each role in turn.
 * The document must allow every answer by status, type, headers and schema. No answer may be a 5xx
 * but 503.
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
    const system = await startOwnSystem(interrupts, { dir: DIR, settings: ROOMY_BUCKETS });
    try {
      const edgeUrl = system.environment.EDGE_URL;
      const fuzzed: Partial<Record<Role, Fuzzed>> = {};
      for (const role of ROLES) {
        tell(`sending requests for ${options.minutes} min, signed in as ${role}`);
        const to = { edgeUrl, dir: join(dir, "findings", role), role };
        fuzzed[role] = await fuzz(program, to, options, interrupts.stop);
      }
      end();
      const all = Object.entries(fuzzed);
      const reports = Object.fromEntries(all.map(([role, { report }]) => [role, report]));
      console.log(
        options.json
          ? JSON.stringify(reports, null, 2)
          : all.map(([role, { report, log }]) => reportText(role, report, log)).join("\n"),
      );
      return all.every(([, { report }]) => holds(report)) ? HELD : BROKEN;
    } finally {
      await system.stop();
    }
  },
});
