import { plant } from "../plant.ts";
import { cacheMutants } from "./cache-mutants.ts";

/*
 * Walks the worlds of the cache and prints what was found, as JSON. With the name of a planted
 * mistake: its world alone.
 */
const name = process.argv[2];
const mutant = cacheMutants.find((each) => each.name === name);
if (name !== undefined && !mutant) throw new Error(`no planted mistake is called ${name}`);
if (mutant) await plant(mutant);

const { walkCache } = await import("./walk-cache.ts");
const { cacheWorlds } = await import("./cache-worlds.ts");
const walks = [];
for (const world of cacheWorlds)
  if (!mutant || mutant.world === world.name) walks.push(walkCache(world));
console.log(JSON.stringify(walks));
