import { beginCacheRun, CacheBreach, type CacheWorld } from "./cache-world.ts";

export interface CacheWalk {
  name: string;
  /** different states reached */
  states: number;
  /** whether every state was visited */
  complete: boolean;
  tookMs: number;
  /** a promise that did not hold, and the steps that led there */
  breach?: { what: string; steps: string[] };
}

const STATES_MAX = 1_000_000;

/** Walks a world to every end, depth first; each branch is replayed from the beginning. */
export function walkCache(world: CacheWorld, statesMax = STATES_MAX): CacheWalk {
  const startedAtMs = performance.now();
  const visited = new Set<number | bigint>();
  const ways: number[][] = [[]];
  const walked = () => ({
    name: world.name,
    states: visited.size,
    tookMs: performance.now() - startedAtMs,
  });
  for (let path = ways.pop(); path; path = ways.pop()) {
    const run = beginCacheRun(world);
    const steps: string[] = [];
    try {
      for (let at = 0; ; at += 1) {
        run.check();
        const choices = run.choices();
        let choice = path[at];
        if (choice === undefined) {
          const key = Bun.hash(run.key());
          if (visited.has(key)) break;
          visited.add(key);
          if (choices.length === 0) break;
          for (let other = choices.length - 1; other > 0; other -= 1) ways.push([...path, other]);
          choice = 0;
          path = [...path, 0];
        }
        const chosen = choices[choice];
        if (!chosen) throw new Error("a replay went another way");
        steps.push(chosen.what);
        chosen.act();
      }
    } catch (error) {
      if (!(error instanceof CacheBreach)) throw error;
      return { ...walked(), complete: false, breach: { what: error.message, steps } };
    }
    if (visited.size > statesMax) return { ...walked(), complete: false };
  }
  return { ...walked(), complete: true };
}
