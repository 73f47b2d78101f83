import { BROKEN, HELD, runCommand } from "../kit/command.ts";
import { auditLectures } from "./check.ts";
import { readConfig } from "./config.ts";
import { readCommandLine, usage } from "./options.ts";
import { auditProgress } from "./progress.ts";
import { openSources } from "./sources.ts";
import { auditText } from "./table.ts";

/* npm run audit: exit code 1 on a breach or on a lecture that no server knows. */
await runCommand({
  name: "audit",
  usage,
  read: readCommandLine,
  async run({ json, lectureIds, waitMs }) {
    const sources = await openSources(readConfig(process.env));
    const progress = auditProgress();
    try {
      const scope = lectureIds.length > 0 ? { lectureIds } : {};
      const report = await auditLectures(sources, { ...scope, waitMs, onProgress: progress.show });
      progress.end();
      console.log(json ? JSON.stringify(report, null, 2) : auditText(report));
      return report.clean ? HELD : BROKEN;
    } finally {
      progress.end();
      await sources.close();
    }
  },
});
