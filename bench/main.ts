import { listenToInterrupts } from "../stack/interrupts.ts";
import { keep, readKept } from "./kept.ts";
import { type BenchOptions, readCommandLine, usage } from "./options.ts";
import { measureRounds } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { stages } from "./stages.ts";
import { type BenchSystem, startBenchSystem } from "./system.ts";
import { benchText } from "./table.ts";
import { judge, type Measured } from "./verdict.ts";

/* npm run bench: exit codes 0 every stage reached its share, 1 one missed it or fell back, 2 it could not be measured. */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  const chosen = choose(options.names);
  const interrupts = listenToInterrupts();
  tell("starting the servers …");
  const system = await startBenchSystem(interrupts);
  // By this the edges that stages start find the bundle that is made already.
  process.env["LECTERN_STACK_DIR"] = system.dir;
  try {
    const measured = await Promise.race([measureAll(system, chosen, options), interrupted(interrupts.stop)]);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    if (options.keep) await keep(measured);
    console.log(options.json ? JSON.stringify(measured, null, 2) : benchText(measured));
    return measured.every(({ verdict }) => verdict === "reached") ? 0 : 1;
  } finally {
    await system.stop();
    interrupts.close();
  }
}

async function measureAll(system: BenchSystem, chosen: Stage[], options: BenchOptions): Promise<Measured[]> {
  const kept = (await readKept())?.stages;
  if (!kept) tell("no figures were kept of a machine like this one: no stage can fall back");
  const measured: Measured[] = [];
  for (const stage of chosen) {
    const sides = await stage.open(system);
    try {
      const onRound = (round: number, of: number) =>
        tell(`${stage.name}: ${round < 1 ? "warming up" : `round ${round} of ${of}`}`);
      const rounds = await measureRounds(sides, { ...options, onRound });
      measured.push(judge(stage, rounds, kept?.find((one) => one.stage === stage.name)?.ratio));
    } finally {
      await sides.close();
    }
  }
  return measured;
}

function choose(names: string[]): Stage[] {
  const chosen = stages.filter(
    ({ name }) => names.length === 0 || names.some((start) => name.startsWith(start)),
  );
  if (chosen.length > 0) return chosen;
  throw new Error(
    `no stage begins with ${names.join(" or ")}; there are: ${stages.map(({ name }) => name).join(", ")}`,
  );
}

/** Progress: on a terminal each line takes the place of the one before. */
function tell(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

function interrupted(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => stop.addEventListener("abort", () => reject(new Error("interrupted"))));
}

function parse(args: string[]): BenchOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
