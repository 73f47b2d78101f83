import { openBar } from "../kit/bar.ts";
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
    const limitMs = Number.POSITIVE_INFINITY;
    const walked = await walkAndTell({ ...options, steps: CI_STEPS, limitMs });
    const hunted = await hunt(options);
    return (await explore(options)) && walked && hunted;
  },
};

async function walkAndTell(options: SimulationOptions): Promise<boolean> {
  const { walkTogether } = await import("./walkers.ts");
  const { walkedText } = await import("./report.ts");
  const startedAtMs = performance.now();
  const tookMs = () => performance.now() - startedAtMs;
  const bar = openBar("simulating", 100, { figures: "{percentage}%  {steps} steps" });
  bar.show(0, { steps: "0" });
  const walked = await walkTogether({
    ...options,
    onProgress({ steps }) {
      const part = Math.max(steps / options.steps, tookMs() / options.limitMs);
      bar.show(Math.min(100, Math.floor(100 * part)), { steps: steps.toLocaleString("en-US") });
    },
  });
  bar.end();
  const { seed, json } = options;
  const told = { seed, ...walked, tookMs: tookMs() };
  console.log(json ? JSON.stringify(told) : walkedText(walked, told.tookMs));
  return walked.breach === undefined;
}

async function walkForParent(options: SimulationOptions): Promise<boolean> {
  const { walk } = await import("./walk.ts");
  const tell = (walked: Walked) => console.log(JSON.stringify(walked));
  tell(await walk({ ...options, onProgress: tell }));
  return true;
}

async function traceOne({ seed }: SimulationOptions): Promise<boolean> {
  const { run } = await import("./run.ts");
  const { makeIntents } = await import("./rids.ts");
  const { warmUp } = await import("./warm-up.ts");
  await warmUp();
  const { steps, breach } = run({ seed, intents: makeIntents(), trace: console.log });
  console.log(
    breach ? `✖ ${breach.message}, at step ${steps}` : `✓ every guarantee held, in ${steps} steps`,
  );
  return breach === undefined;
}

async function hunt({ renew, json }: SimulationOptions): Promise<boolean> {
  const { huntAll, writeSeeds } = await import("./hunt.ts");
  const { huntedText } = await import("./report.ts");
  const bar = openBar("planting", mutants.length);
  const found = await huntAll(bar.add);
  bar.end();
  const hunted = renew ? await writeSeeds(found) : found;
  console.log(json ? JSON.stringify(hunted) : huntedText(hunted));
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
