import { parseArgs } from "node:util";

export interface SimulationOptions {
  mode: "steps" | "trace" | "walk" | "mutants" | "exhaustive" | "ci";
  /** the first world; the next ones have the seeds after it */
  seed: number;
  /** from one world's seed to the next */
  stride: number;
  /** stop after so many steps, and after so many milliseconds */
  steps: number;
  limitMs: number;
  /** the mutant to plant first */
  plant?: string;
  /** look for the mutants' seeds anew and write them down */
  renew: boolean;
  json: boolean;
}

export const usage = `usage: npm run simulate -- [--minutes N | --steps N] [--seed S] [--json]
       npm run simulate -- --seed S --trace [--plant MUTANT]     one world, step by step
       npm run simulate -- --mutants [--renew]                   every planted mistake is found by its seed
       npm run simulate -- --exhaustive                          every interleaving of small worlds
       npm run simulate -- --ci                                  10 million steps, the mutants and the small worlds`;

const SEED_MAX = 2 ** 31;

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): SimulationOptions {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: "string" },
      steps: { type: "string" },
      seed: { type: "string" },
      stride: { type: "string", default: "1" },
      plant: { type: "string" },
      trace: { type: "boolean", default: false },
      walk: { type: "boolean", default: false },
      mutants: { type: "boolean", default: false },
      renew: { type: "boolean", default: false },
      exhaustive: { type: "boolean", default: false },
      ci: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { trace, walk, mutants, exhaustive, ci, renew, json, plant } = values;
  const chosen = Object.entries({ trace, walk, mutants, exhaustive, ci }).filter(([, is]) => is);
  if (chosen.length > 1)
    throw new Error(`--${chosen[0]?.[0]} and --${chosen[1]?.[0]} are two different runs`);
  if (trace && values.seed === undefined) throw new Error("--trace needs the --seed of the world");
  const minutes = values.minutes ?? (values.steps === undefined ? "1" : undefined);
  return {
    mode: (chosen[0]?.[0] as SimulationOptions["mode"] | undefined) ?? "steps",
    seed: values.seed === undefined ? anySeed(ci) : whole("seed", values.seed, 0, SEED_MAX),
    stride: whole("stride", values.stride, 1, 1_000),
    steps: values.steps === undefined ? Number.POSITIVE_INFINITY : whole("steps", values.steps, 1, 1e12),
    limitMs:
      minutes === undefined ? Number.POSITIVE_INFINITY : 60_000 * whole("minutes", minutes, 1, 100_000),
    renew,
    json,
    ...(plant !== undefined && { plant }),
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
}

/** CI walks the same worlds every time; everybody else new ones. */
function anySeed(ci: boolean): number {
  return ci ? 1 : (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % SEED_MAX;
}
