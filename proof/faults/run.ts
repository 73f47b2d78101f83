import { join } from "node:path";
import colors from "picocolors";
import { listenToInterrupts } from "../../stack/interrupts.ts";
import { ROOT } from "../../stack/layout.ts";

interface Step {
  name: string;
  /** a program of this tree, which exits with 0 if nothing was broken, and its arguments */
  args: [string, ...string[]];
  /**
   * the exit code that means "cannot run on this machine", which is no failure; the last line names
   * the reason
   */
  cannotRun?: number;
}

/*
 * npm run test:faults: everything that breaks the system on purpose, and k6's smoke run; too long
 * for npm test. Two lanes run side by side. One has the real system, which mostly waits (and the Go
 * build of k6, some minutes). The other only computes. A step's output appears as a whole after the
 * step. The last line is `N passed, N failed`; a step that this machine cannot run counts in
 * neither. To add a step, add a line.
 */
const lanes: Step[][] = [
  [
    {
      name: "chaos: 10 schedules",
      args: ["proof/faults/chaos/main.ts", "--schedules", "10", "--seed", "2026"],
    },
    { name: "crash points", args: ["proof/faults/crash-points/main.ts"] },
    { name: "lost replies", args: ["proof/faults/chaos/main.ts", "--lost-replies"] },
    { name: "k6: smoke", args: ["loadtest/runner/main.ts", "smoke", "--own-stack"], cannotRun: 3 },
  ],
  [
    { name: "simulation", args: ["proof/simulation/main.ts", "--ci"] },
    { name: "hostile inputs", args: ["proof/hostile/run.ts"] },
  ],
];

const marks = { passed: colors.green("✓"), failed: colors.red("✖"), "not run": colors.yellow("–") };

interface Outcome {
  verdict: keyof typeof marks;
  line: string;
}

const interrupts = listenToInterrupts();
process.exit(await run());

/** Returns the exit code. */
async function run(): Promise<number> {
  const outcomes = (await Promise.all(lanes.map(runLane))).flat();
  if (interrupts.stop.aborted) return 130;
  const count = (wanted: Outcome["verdict"]) =>
    outcomes.filter(({ verdict }) => verdict === wanted).length;
  console.log(`\n${outcomes.map(({ line }) => line).join("\n")}`);
  console.log(`${count("passed")} passed, ${count("failed")} failed`);
  return count("failed") === 0 ? 0 : 1;
}

async function runLane(steps: Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    if (interrupts.stop.aborted) break;
    outcomes.push(await runStep(step));
  }
  return outcomes;
}

async function runStep({ name, args: [entry, ...args], cannotRun }: Step): Promise<Outcome> {
  console.log(colors.dim(`… ${name}`));
  const startedAtMs = performance.now();
  const child = Bun.spawn([process.execPath, join(ROOT, entry), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    signal: interrupts.stop,
  });
  const [output, complaints, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const verdict = exitCode === 0 ? "passed" : exitCode === cannotRun ? "not run" : "failed";
  const seconds = `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
  const reason = complaints.trimEnd().split("\n").at(-1);
  const why = verdict === "not run" ? `  not run\n  ${reason}` : "";
  const line = `${marks[verdict]} ${name.padEnd(28)} ${seconds.padStart(8)}${why}`;
  const written = [output.trimEnd(), complaints.trimEnd()].filter(Boolean);
  console.log([colors.bold(`\n── ${name}`), ...written, line].join("\n"));
  return { verdict, line };
}
