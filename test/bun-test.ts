import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../stack/layout.ts";
import { adoptOrphans } from "../stack/libc.ts";
import { stop } from "../stack/processes.ts";
import { liveChildren } from "./child-processes.ts";
import { type Counts, readCounts } from "./junit.ts";

/** Longer than any test takes on a busy machine: a test ends by its own waits. */
const TEST_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 40 * 60_000;
const ENDS_WITHIN_MS = 5_000;

export interface BunTestOptions {
  env: Record<string, string>;
  /** the directory of the report */
  dir: string;
  interrupted: AbortSignal;
  /** how many files run at once; 1 unless said */
  lanes?: number;
  /** run again after each change of a file, until interrupted */
  watch?: boolean;
}

/**
 * Runs all tests, or those whose path matches a pattern, each file in its own global. A process
 * that the tests leave running is ended and counts as a failure. A failure outside of any test
 * counts as one, and so does a run of over 40 minutes. A watching run has no report and no end of
 * its own.
 */
export async function runBunTest(
  patterns: string[],
  { env, dir, interrupted, lanes = 1, watch = false }: BunTestOptions,
): Promise<Counts> {
  interrupted.throwIfAborted();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const report = join(dir, `report-${process.pid}.xml`);
  adoptOrphans();
  const before = liveChildren().map(({ id }) => id.pid);
  const options = ["--isolate", "--no-orphans", `--timeout=${TEST_TIMEOUT_MS}`];
  if (lanes > 1) options.push(`--parallel=${lanes}`);
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
  // No count holds a failure outside of any test, such as a file that cannot be loaded.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * Ends the processes that the tests left running. An ended process may orphan its children, so the
 * search repeats until none is left.
 */
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
