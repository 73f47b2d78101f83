import { BROKEN, HELD, runCommand, untilInterrupted } from "../kit/command.ts";
import type { Progress } from "../kit/progress.ts";
import { keep, readKept } from "./kept.ts";
import { type BenchOptions, readCommandLine, usage } from "./options.ts";
import { measureRounds } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { stages } from "./stages.ts";
import { type BenchSystem, startBenchSystem } from "./system.ts";
import { benchText, writePage } from "./table.ts";
import { judge, type Measured } from "./verdict.ts";

/* npm run bench: exit code 1 if a stage misses its bar or regresses. */
await runCommand({
  name: "bench",
  usage,
  read: readCommandLine,
  async run(options, { interrupts, tell, end }) {
    const chosen = choose(options.names);
    tell("starting the servers …");
    const system = await startBenchSystem(interrupts, { dir: ".stack-bench", vhosts: ["apart"] });
    // Edges started by stages find the finished bundle through this.
    process.env["LECTERN_STACK_DIR"] = system.dir;
    try {
      const measuring = measureAll(system, chosen, options, tell);
      const measured = await untilInterrupted(measuring, interrupts);
      end();
      if (options.keep) await writePage(await keep(measured));
      console.log(options.json ? JSON.stringify(measured, null, 2) : benchText(measured));
      return measured.every(({ verdict }) => verdict === "reached") ? HELD : BROKEN;
    } finally {
      await system.stop();
    }
  },
});

async function measureAll(
  system: BenchSystem,
  chosen: Stage[],
  options: BenchOptions,
  tell: Progress["tell"],
): Promise<Measured[]> {
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
