import { join } from "node:path";
import colors from "picocolors";
import { listenToInterrupts } from "../stack/interrupts.ts";
import { ROOT } from "../stack/layout.ts";

/*
 * npm run test:faults: everything that breaks the system on purpose and takes too long for npm test, one step after the other. The last
 * line is `N passed, N failed`. To add a step, add a line: a program of this tree that exits with 0 when nothing was broken.
 */
const steps: { name: string; args: [string, ...string[]] }[] = [
  { name: "chaos: 10 schedules", args: ["faults/chaos/main.ts", "--schedules", "10", "--seed", "2026"] },
  { name: "crash points", args: ["faults/crash-points/main.ts"] },
  { name: "lost replies", args: ["faults/chaos/main.ts", "--lost-replies"] },
  { name: "restarts under load", args: ["faults/chaos/main.ts", "--restarts"] },
];

const interrupts = listenToInterrupts();
process.exit(await run());

/** Answers the exit code. */
async function run(): Promise<number> {
  const lines: string[] = [];
  let failed = 0;
  for (const { name, args } of steps) {
    if (interrupts.stop.aborted) return 130;
    console.log(colors.bold(`\n── ${name}`));
    const startedAtMs = performance.now();
    const code = await runStep(args);
    const passed = code === 0;
    if (!passed) failed += 1;
    const seconds = `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
    lines.push(`${passed ? colors.green("✓") : colors.red("✖")} ${name.padEnd(28)} ${seconds.padStart(8)}`);
    console.log(lines.at(-1));
  }
  console.log(`\n${lines.join("\n")}`);
  console.log(`${steps.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Its output is shown as it comes; an interrupt is handed on to it. */
async function runStep([entry, ...args]: [string, ...string[]]): Promise<number> {
  const child = Bun.spawn([process.execPath, join(ROOT, entry), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const handOn = () => child.kill("SIGTERM");
  interrupts.stop.addEventListener("abort", handOn);
  const code = await child.exited;
  interrupts.stop.removeEventListener("abort", handOn);
  return code;
}
