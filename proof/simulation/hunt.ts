import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Kill, Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import type { Walked } from "./walk.ts";
import { walkTogether } from "./walkers.ts";

/** The outcome for a mutant: the world that found it, or the world from which the search began. */
export interface Hunted {
  mutant: Mutant;
  seed: number;
  steps: number;
  breach?: NonNullable<Walked["breach"]>;
  /** found by the same world and guarantee as in `seeds.json` */
  asWritten: boolean;
}

const SEEDS_FILE = join(import.meta.dir, "seeds.json");

/** The length of a search for a new seed; a mutant that outlives it has survived. */
const SEARCH_STEPS = 6_000_000;

/** The seed and the guarantee that kill each mutant. */
export async function readKills(): Promise<Record<string, Kill>> {
  return (await Bun.file(SEEDS_FILE).json()) as Record<string, Kill>;
}

/**
 * Plants each mutant in its own process, which walks the one world of the mutant's seed. Changes of
 * the real code make seeds stale: for a mutant that its seed no longer finds, a search finds
 * another world.
 */
export async function huntAll(onHunted?: (hunted: Hunted) => void): Promise<Hunted[]> {
  const kills = await readKills();
  return await inLanes(mutants, async (mutant) => {
    const kill = kills[mutant.name];
    const first = await hunt(mutant, kill?.seed ?? 1, 1);
    const asWritten = kill !== undefined && first.breach?.guarantee === kill.guarantee;
    const hunted = first.breach ? first : await hunt(mutant, 1, SEARCH_STEPS);
    const result = { ...hunted, asWritten };
    onHunted?.(result);
    return result;
  });
}

/**
 * Writes down a seed for each mutant: the one that is written down where it still finds the mutant,
 * else the first that a search from seed 1 finds.
 */
export async function renewSeeds(onHunted?: (hunted: Hunted) => void): Promise<Hunted[]> {
  const kills = await readKills();
  const hunted = await inLanes(mutants, async (mutant) => {
    const known = await hunt(mutant, kills[mutant.name]?.seed ?? 1, 1);
    const result = known.breach ? known : await hunt(mutant, 1, SEARCH_STEPS);
    onHunted?.(result);
    return result;
  });
  const found = hunted.flatMap(({ mutant, breach }) =>
    breach ? [[mutant.name, { seed: breach.seed, guarantee: breach.guarantee }]] : [],
  );
  await Bun.write(SEEDS_FILE, `${JSON.stringify(Object.fromEntries(found), null, 2)}\n`);
  return hunted;
}

async function hunt(mutant: Mutant, seed: number, steps: number): Promise<Hunted> {
  const options = {
    seed,
    steps,
    limitMs: Number.POSITIVE_INFINITY,
    plant: mutant.name,
    walkers: 1,
  };
  const walked = await walkTogether(options);
  const { breach } = walked;
  return {
    mutant,
    seed,
    steps: walked.steps,
    asWritten: breach !== undefined,
    ...(breach && { breach }),
  };
}

async function inLanes<In, Out>(items: In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [at, item] of queue) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return results;
}
