import { availableParallelism } from "node:os";
import { join } from "node:path";
import { inParallel } from "../../pending/in-parallel.ts";
import type { Kill, Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import type { Walked } from "./walk.ts";
import { walkTogether } from "./walkers.ts";

/** The outcome for a mutant: the world that found it, or the world from which the search began. */
export interface Hunted {
  name: string;
  file: string;
  seed: number;
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
 * the real code make seeds stale: for a mutant that its seed no longer finds, a search from seed 1
 * finds another world.
 */
export async function huntAll(onHunted?: () => void): Promise<Hunted[]> {
  const kills = await readKills();
  return await inParallel(mutants, availableParallelism(), async ({ name, file }) => {
    const kill = kills[name];
    const known = { seed: kill?.seed ?? 1, breach: await hunt(name, kill?.seed ?? 1, 1) };
    const { seed, breach } = known.breach
      ? known
      : { seed: 1, breach: await hunt(name, 1, SEARCH_STEPS) };
    onHunted?.();
    const asWritten = kill !== undefined && known.breach?.guarantee === kill.guarantee;
    return { name, file, seed, asWritten, ...(breach && { breach }) };
  });
}

/** Writes down the world that found each mutant. */
export async function writeSeeds(hunted: Hunted[]): Promise<Hunted[]> {
  const kills = hunted.flatMap(({ name, breach }) =>
    breach ? [[name, { seed: breach.seed, guarantee: breach.guarantee }]] : [],
  );
  await Bun.write(SEEDS_FILE, `${JSON.stringify(Object.fromEntries(kills), null, 2)}\n`);
  return hunted.map((each) => ({ ...each, asWritten: each.breach !== undefined }));
}

async function hunt(plant: Mutant["name"], seed: number, steps: number): Promise<Walked["breach"]> {
  const limitMs = Number.POSITIVE_INFINITY;
  return (await walkTogether({ seed, steps, limitMs, plant, walkers: 1 })).breach;
}
