import { anySeed, flag, readOnlyOptions, text, whole } from "../kit/options.ts";

export interface SimulationOptions {
  mode: "steps" | "trace" | "walk" | "mutants" | "exhaustive" | "ci";
  /** the first world; the next ones have the following seeds */
  seed: number;
  /** from one world's seed to the next */
  stride: number;
  /** the limits of a run in steps and in milliseconds */
  steps: number;
  limitMs: number;
  /** the mutant to plant first */
  plant?: string;
  /** search the mutants' seeds again and write them down */
  renew: boolean;
  json: boolean;
}

export const usage = `usage: npm run simulate -- [--minutes N | --steps N] [--seed S] [--json]
       npm run simulate -- --seed S --trace [--plant MUTANT]     one world, step by step
       npm run simulate -- --mutants [--renew]                   every planted mistake is found by its seed
       npm run simulate -- --exhaustive                          every interleaving of small worlds
       npm run simulate -- --ci                                  10 million steps, the mutants and the small worlds`;

const SEED_MAX = 2 ** 31;

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): SimulationOptions {
  const values = readOnlyOptions(args, {
    minutes: whole(undefined, 1, 100_000),
    steps: whole(undefined, 1, 1e12),
    seed: whole(undefined, 0, SEED_MAX),
    stride: whole(1, 1, 1_000),
    plant: text(undefined),
    trace: flag,
    walk: flag,
    mutants: flag,
    renew: flag,
    exhaustive: flag,
    ci: flag,
    json: flag,
  });
  const { trace, walk, mutants, exhaustive, ci, renew, json, plant, stride } = values;
  const chosen = Object.entries({ trace, walk, mutants, exhaustive, ci }).filter(([, is]) => is);
  if (chosen.length > 1)
    throw new Error(`--${chosen[0]?.[0]} and --${chosen[1]?.[0]} are two different runs`);
  if (trace && values.seed === undefined) throw new Error("--trace needs the --seed of the world");
  const minutes = values.minutes ?? (values.steps === undefined ? 1 : undefined);
  return {
    mode: (chosen[0]?.[0] as SimulationOptions["mode"] | undefined) ?? "steps",
    // CI walks the same worlds every time, all others new ones.
    seed: values.seed ?? (ci ? 1 : anySeed(SEED_MAX)),
    stride,
    steps: values.steps ?? Number.POSITIVE_INFINITY,
    limitMs: minutes === undefined ? Number.POSITIVE_INFINITY : 60_000 * minutes,
    renew,
    json,
    ...(plant !== undefined && { plant }),
  };
}
