import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../stack/layout.ts";
import { adoptOrphans } from "../stack/libc.ts";
import { stop } from "../stack/processes.ts";
import { liveChildren } from "./child-processes.ts";
import { type Counts, readCounts } from "./junit.ts";

const TEST_TIMEOUT_MS = 20_000;
const RUN_TIMEOUT_MS = 15 * 60_000;
const ENDS_WITHIN_MS = 5_000;

export interface BunTestOptions {
  env: Record<string, string>;
  /** where the report is written */
  dir: string;
  interrupted: AbortSignal;
  /** run again after each change of a file, until interrupted */
  watch?: boolean;
}

/**
 * Runs the tests whose path matches a pattern, or all, each file in a global of its own. A process that
 * the tests leave running is ended and counts as a failure. So does a failure outside of any test, and
 * a run of more than a quarter of an hour. A watching run has no report and no end of its own.
 */
export async function runBunTest(
  patterns: string[],
  { env, dir, interrupted, watch = false }: BunTestOptions,
): Promise<Counts> {
  interrupted.throwIfAborted();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const report = join(dir, `report-${process.pid}.xml`);
  adoptOrphans();
  const before = liveChildren().map(({ id }) => id.pid);
  const options = ["--isolate", "--no-orphans", `--timeout=${TEST_TIMEOUT_MS}`];
  const how = watch ? ["--watch"] : ["--reporter=junit", `--reporter-outfile=${report}`];
  const child = Bun.spawn([process.execPath, "test", ...options, ...how, ...patterns], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ending = watch
    ? interrupted
    : AbortSignal.any([interrupted, AbortSignal.timeout(RUN_TIMEOUT_MS)]);
  ending.addEventListener("abort", () => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), ENDS_WITHIN_MS);
  });
  const code = await child.exited;
  const counts = readCounts(report) ?? { passed: 0, failed: 0, skipped: 0 };
  rmSync(report, { force: true });
  counts.failed += await endOrphans(before);
  // What fails outside of any test, such as a file that cannot be loaded, is in no count.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Ends what the tests left behind. Ending one may bring up its own children, so it looks again until there is none. */
async function endOrphans(before: number[]): Promise<number> {
  let count = 0;
  while (true) {
    const orphans = liveChildren().filter(({ id }) => !before.includes(id.pid));
    if (orphans.length === 0) return count;
    for (const { id, command } of orphans) {
      console.error(`left running by the tests: ${command.slice(0, 200)} (pid ${id.pid})`);
      await stop(id, ENDS_WITHIN_MS, new AbortController().signal);
      count += 1;
    }
  }
}
