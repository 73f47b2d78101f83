import { flag, readOptions, whole } from "../kit/options.ts";

export interface BenchOptions {
  /** the stages to measure, by the beginning of their name; empty: all */
  names: string[];
  rounds: number;
  /** the measured time of each side in each round */
  seconds: number;
  json: boolean;
  /** keep the figures, for comparison in later runs */
  keep: boolean;
}

export const usage =
  "usage: npm run bench -- [STAGE …] [--rounds 7] [--seconds 3] [--json] [--keep]\n" +
  "  STAGE   the beginning of a stage's name; all stages where none is named\n" +
  "  --keep  writes the figures down in proof/bench/kept.json, which later runs are held against";

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): BenchOptions {
  const { options, words } = readOptions(args, {
    rounds: whole(7, 1, 99),
    seconds: whole(3, 1, 60),
    json: flag,
    keep: flag,
  });
  return { names: words, ...options };
}
