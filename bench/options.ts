import { parseArgs } from "node:util";

export interface BenchOptions {
  /** stages to measure, by the beginning of their name; all where none is named */
  names: string[];
  rounds: number;
  /** how long each side is measured in each round */
  seconds: number;
  json: boolean;
  /** keep the figures, for later runs to be held against */
  keep: boolean;
}

export const usage =
  "usage: npm run bench -- [STAGE …] [--rounds 7] [--seconds 3] [--json] [--keep]\n" +
  "  STAGE   the beginning of a stage's name; all stages where none is named\n" +
  "  --keep  writes the figures down in bench/kept.json, which later runs are held against";

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args,
    options: {
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  return {
    names: positionals,
    rounds: whole("rounds", values.rounds, 1, 99),
    seconds: whole("seconds", values.seconds, 1, 60),
    json: values.json,
    keep: values.keep,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
}
