import { join } from "node:path";
import colors from "picocolors";
import { listenToInterrupts } from "../stack/interrupts.ts";
import { ROOT } from "../stack/layout.ts";

interface Step {
  name: string;
  /** a program of this tree that exits with 0 when nothing was broken, and what it is given */
  args: [string, ...string[]];
}

/*
 * npm run test:faults: everything that breaks the system on purpose and takes too long for npm test. Two lanes run side by side: the real
 * system, which mostly waits, and what only computes. What a step writes is shown when it has ended, as a whole. The last line is
 * `N passed, N failed`. To add a step, add a line.
 */
const lanes: Step[][] = [
  [
    { name: "chaos: 10 schedules", args: ["faults/chaos/main.ts", "--schedules", "10", "--seed", "2026"] },
    { name: "crash points", args: ["faults/crash-points/main.ts"] },
    { name: "lost replies", args: ["faults/chaos/main.ts", "--lost-replies"] },
  ],
  [
    { name: "simulation", args: ["simulation/main.ts", "--ci"] },
    { name: "hostile inputs", args: ["hostile/run.ts"] },
  ],
];

interface Outcome {
  name: string;
  passed: boolean;
  line: string;
}

const interrupts = listenToInterrupts();
process.exit(await run());

/** Answers the exit code. */
async function run(): Promise<number> {
  const outcomes = (await Promise.all(lanes.map(runLane))).flat();
  if (interrupts.stop.aborted) return 130;
  const failed = outcomes.filter(({ passed }) => !passed).length;
  console.log(`\n${outcomes.map(({ line }) => line).join("\n")}`);
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runLane(steps: Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    if (interrupts.stop.aborted) break;
    outcomes.push(await runStep(step));
  }
  return outcomes;
}

async function runStep({ name, args: [entry, ...args] }: Step): Promise<Outcome> {
  console.log(colors.dim(`… ${name}`));
  const startedAtMs = performance.now();
  const child = Bun.spawn([process.execPath, join(ROOT, entry), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const handOn = () => child.kill("SIGTERM");
  interrupts.stop.addEventListener("abort", handOn);
  const written = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
  const [output, complaints] = await Promise.all(written);
  const passed = (await child.exited) === 0;
  interrupts.stop.removeEventListener("abort", handOn);
  const seconds = `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
  const line = `${passed ? colors.green("✓") : colors.red("✖")} ${name.padEnd(28)} ${seconds.padStart(8)}`;
  console.log(
    [colors.bold(`\n── ${name}`), output?.trimEnd(), complaints?.trimEnd(), line].filter(Boolean).join("\n"),
  );
  return { name, passed, line };
}
