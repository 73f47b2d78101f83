import { join } from "node:path";
import colors from "picocolors";
import { type Interrupts, listenToInterrupts } from "../stack/interrupts.ts";
import { ROOT } from "../stack/layout.ts";
import { lockStack } from "../stack/lock.ts";
import { StackError } from "../stack/stack-error.ts";
import { runBunTest } from "./bun-test.ts";
import type { Counts } from "./junit.ts";
import { changedSinceStart, forgetServers, keptEnvironment } from "./kept-servers.ts";
import { ALL_LANES, LANES, TEST_DIR } from "./lanes.ts";
import { readOptions, type TestOptions } from "./options.ts";
import { basicEnvironment, startTestStack, stopTestStack } from "./test-stack.ts";

/*
 * npm test: type check, lint, then all tests against a private stack, or those whose path matches
 * an argument. The stack is stopped in the end in any case. --only runs the tests alone, against
 * the servers of npm run test:up. The last line is `N passed, N failed`.
 */
const interrupts = listenToInterrupts();
try {
  process.exit(await run(process.argv.slice(2), interrupts));
} catch (error) {
  console.error(error instanceof StackError ? `lectern: ${error.message}` : error);
  process.exit(1);
}

/** Gives the exit code. */
async function run(args: string[], interrupts: Interrupts): Promise<number> {
  const options = readOptions(args);
  if (options.only) return await runOnly(options, interrupts);
  const unlock = lockStack(TEST_DIR, "npm test");
  try {
    return await runAll(options, interrupts);
  } finally {
    unlock();
  }
}

/** Runs tests at once: on the kept servers, or without servers for tests that need none. */
async function runOnly({ patterns, watch }: TestOptions, { stop }: Interrupts): Promise<number> {
  const kept = keptEnvironment();
  const changed = kept && changedSinceStart();
  if (!kept) console.log("no server is running; a test that needs one asks for npm run test:up");
  if (changed)
    console.log(colors.yellow(`the services run code older than ${changed}: npm run test:up`));
  const env = kept ?? basicEnvironment();
  const { passed, failed } = await runBunTest(patterns, {
    env,
    dir: TEST_DIR,
    interrupted: stop,
    watch,
  });
  if (!watch) console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runAll({ patterns }: TestOptions, interrupts: Interrupts): Promise<number> {
  const checks = [
    await check("type check", "tsc", "-p", "."),
    await check("type check of k6", "tsc", "-p", "loadtest"),
    await check("lint", "biome", "check", "."),
  ];
  const tests = await testOnStack(patterns, interrupts);
  if (interrupts.stop.aborted) {
    console.error("interrupted: everything that was started has been stopped");
    return 130;
  }
  const failed = tests.failed + checks.filter((passed) => !passed).length;
  if (tests.skipped > 0) console.log(`${tests.skipped} skipped`);
  console.log(`${tests.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function check(title: string, tool: string, ...args: string[]): Promise<boolean> {
  const startedAtMs = performance.now();
  const child = Bun.spawn([join(ROOT, "node_modules/.bin", tool), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const passed = (await child.exited) === 0;
  if (!passed) process.stdout.write(out + err);
  tell(title, startedAtMs, passed);
  return passed;
}

/** A stack that does not come up or does not stop counts as one failed test. */
async function testOnStack(patterns: string[], interrupts: Interrupts): Promise<Counts> {
  let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    forgetServers();
    await stopTestStack(interrupts.hurry);
    const env = await startTestStack(ALL_LANES, interrupts);
    const startedAtMs = performance.now();
    const interrupted = interrupts.stop;
    counts = await runBunTest(patterns, { env, dir: TEST_DIR, interrupted, lanes: LANES });
    tell("tests", startedAtMs, counts.failed === 0);
  } catch (error) {
    if (!interrupts.stop.aborted)
      console.error(error instanceof StackError ? error.message : error);
  }
  const startedAtMs = performance.now();
  try {
    await stopTestStack(interrupts.hurry);
    tell("stack stopped", startedAtMs, true);
  } catch (error) {
    console.error(error instanceof StackError ? error.message : error);
    counts.failed += 1;
  }
  return counts;
}

function tell(title: string, startedAtMs: number, passed: boolean): void {
  const seconds = `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
  console.log(
    `${passed ? colors.green("✓") : colors.red("✖")} ${title.padEnd(16)} ${seconds.padStart(7)}`,
  );
}
