import { Breach } from "./breach.ts";
import { makeIntents } from "./rids.ts";
import { beginSmallRun } from "./small-run.ts";
import { type SmallWorld, smallWorlds } from "./small-worlds.ts";
import { warmUp } from "./warm-up.ts";

export interface Explored {
  name: string;
  /** different states reached */
  states: number;
  /** steps into these states, including steps into known ones */
  steps: number;
  /** states without a next step, each healed and checked for G6 and G7 */
  ends: number;
  tookMs: number;
  /** whether every state was visited */
  complete: boolean;
  breach?: Breach;
}

const STATES_MAX = 2_000_000;

/** Walks every small world to every end. */
export async function exploreAll(worlds: SmallWorld[] = smallWorlds): Promise<Explored[]> {
  await warmUp();
  const intents = makeIntents();
  return worlds.map((world) => explore(world, intents));
}

/**
 * Walks depth first. A process cannot return to an earlier state, so each branch is replayed from
 * the beginning by the numbers of its choices.
 */
export function explore(small: SmallWorld, intents: ReturnType<typeof makeIntents>): Explored {
  const startedAtMs = performance.now();
  const visited = new Set<bigint>();
  const { name } = small;
  const found: Explored = { name, states: 0, steps: 0, ends: 0, tookMs: 0, complete: true };

  function walk(path: number[]) {
    const run = beginSmallRun(small, intents);
    for (const choice of path) run.choose(run.choices()[choice] as () => void);
    return run;
  }

  const ways: number[][] = [[]];
  try {
    for (let path = ways.pop(); path; path = ways.pop()) {
      const run = walk(path);
      while (true) {
        if (path.length > 0) found.steps += 1;
        const key = run.key();
        if (visited.has(key)) break;
        visited.add(key);
        const choices = run.choices();
        for (let other = choices.length - 1; other > 0; other -= 1) ways.push([...path, other]);
        const first = choices[0];
        if (!first || !run.hasWork()) {
          found.ends += 1;
          run.heal();
          if (first) ways.push([...path, 0]);
          break;
        }
        run.choose(first);
        path = [...path, 0];
      }
      if (visited.size > STATES_MAX) {
        found.complete = false;
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof Breach)) throw error;
    found.breach = error;
  }
  return { ...found, states: visited.size, tookMs: performance.now() - startedAtMs };
}
