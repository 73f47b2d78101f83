import { SingleBar } from "cli-progress";
import { BROKEN, HELD, runCommand } from "../kit/command.ts";
import { mutants } from "./mutants.ts";
import { readCommandLine, type SimulationOptions, usage } from "./options.ts";
import { plant } from "./plant.ts";
import type { Walked } from "./walk.ts";

/*
 * npm run simulate: exit code 1 on a broken guarantee, or on a mutant that survives. The functions
 * import the real code, because it must load after a mistake is planted in it.
 */
const CI_STEPS = 10_000_000;

async function plantByName(name: string): Promise<void> {
  const mutant = mutants.find((each) => each.name === name);
  if (!mutant) throw new Error(`there is no mutant "${name}"`);
  await plant(mutant);
}

const modes: Record<SimulationOptions["mode"], (options: SimulationOptions) => Promise<boolean>> = {
  steps: walkAndTell,
  trace: traceOne,
  walk: walkForParent,
  mutants: hunt,
  exhaustive: explore,
  async ci(options) {
    const walked = await walkAndTell({
      ...options,
      steps: CI_STEPS,
      limitMs: Number.POSITIVE_INFINITY,
    });
    const hunted = await hunt(options);
    return (await explore(options)) && walked && hunted;
  },
};

async function walkAndTell(options: SimulationOptions): Promise<boolean> {
  const { walkTogether } = await import("./walkers.ts");
  const { walkedText } = await import("./report.ts");
  const startedAtMs = performance.now();
  const bar = openBar(options);
  const walked = await walkTogether({ ...options, onProgress: bar.show });
  bar.end();
  const tookMs = performance.now() - startedAtMs;
  const { seed } = options;
  console.log(
    options.json ? JSON.stringify({ seed, ...walked, tookMs }) : walkedText(walked, tookMs),
  );
  return walked.breach === undefined;
}

/** Shows the steps on a terminal, or the minutes if they end the run. */
function openBar({ steps, limitMs }: SimulationOptions): {
  show(walked: Walked): void;
  end(): void;
} {
  if (!process.stderr.isTTY) return { show() {}, end() {} };
  const format = "simulating {bar} {percentage}%  {steps} steps  {duration_formatted}";
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true });
  const startedAtMs = performance.now();
  bar.start(100, 0, { steps: 0 });
  return {
    show: (walked) => {
      const part = Math.max(walked.steps / steps, (performance.now() - startedAtMs) / limitMs);
      bar.update(Math.min(100, Math.floor(100 * part)), {
        steps: walked.steps.toLocaleString("en-US"),
      });
    },
    end: () => bar.stop(),
  };
}

async function walkForParent(options: SimulationOptions): Promise<boolean> {
  const { walk } = await import("./walk.ts");
  console.log(
    JSON.stringify(
      await walk({ ...options, onProgress: (walked) => console.log(JSON.stringify(walked)) }),
    ),
  );
  return true;
}

async function traceOne({ seed }: SimulationOptions): Promise<boolean> {
  const { run } = await import("./run.ts");
  const { makeIntents } = await import("./rids.ts");
  const { warmUp } = await import("./warm-up.ts");
  await warmUp();
  const { steps, breach } = run({
    seed,
    intents: makeIntents(),
    trace: (line) => console.log(line),
  });
  console.log(
    breach ? `✖ ${breach.message}, at step ${steps}` : `✓ every guarantee held, in ${steps} steps`,
  );
  return breach === undefined;
}

async function hunt({ renew, json }: SimulationOptions): Promise<boolean> {
  const { huntAll, renewSeeds } = await import("./hunt.ts");
  const { huntedText } = await import("./report.ts");
  const tell = process.stderr.isTTY ? () => process.stderr.write(".") : undefined;
  const hunted = await (renew ? renewSeeds(tell) : huntAll(tell));
  if (tell) process.stderr.write("\n");
  const rows = hunted.map(({ mutant, seed, breach, asWritten }) => ({
    name: mutant.name,
    seed,
    breach,
    asWritten,
  }));
  console.log(json ? JSON.stringify(rows) : huntedText(hunted));
  return hunted.every(({ breach }) => breach !== undefined);
}

async function explore({ json }: SimulationOptions): Promise<boolean> {
  const { exploreAll } = await import("./explore.ts");
  const { exploredText } = await import("./report.ts");
  const explored = await exploreAll();
  console.log(json ? JSON.stringify(explored) : exploredText(explored));
  return explored.every(({ breach, complete }) => complete && !breach);
}

await runCommand({
  name: "simulate",
  usage,
  read: readCommandLine,
  async run(options) {
    if (options.plant !== undefined) await plantByName(options.plant);
    return (await modes[options.mode](options)) ? HELD : BROKEN;
  },
});
