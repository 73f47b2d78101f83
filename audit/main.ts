import { auditLectures } from "./check.ts";
import { readConfig } from "./config.ts";
import { type CommandLine, readCommandLine, usage } from "./options.ts";
import { auditProgress } from "./progress.ts";
import { openSources } from "./sources.ts";
import { auditText } from "./table.ts";

/** Exit codes: 0 every guarantee holds, 1 a breach or an unknown lecture, 2 the audit could not be made. */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`audit: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const commandLine = parse(args);
  const sources = await openSources(readConfig(process.env));
  const progress = auditProgress();
  try {
    const { json, lectureIds, waitMs } = commandLine;
    const scope = lectureIds.length > 0 ? { lectureIds } : {};
    const report = await auditLectures(sources, { ...scope, waitMs, onProgress: progress.show });
    progress.end();
    console.log(json ? JSON.stringify(report, null, 2) : auditText(report));
    return report.clean ? 0 : 1;
  } finally {
    progress.end();
    await sources.close();
  }
}

function parse(args: string[]): CommandLine {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
