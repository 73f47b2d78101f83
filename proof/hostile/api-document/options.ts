import { flag, readOnlyOptions, seed, whole } from "../../kit/options.ts";

export interface FuzzApiOptions {
  /** how long requests are made in each role */
  minutes: number;
  /** makes the requests; the same seed makes the same ones */
  seed: number;
  json: boolean;
}

export const usage = "usage: npm run fuzz-api -- [--minutes 2] [--seed N] [--json]";

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): FuzzApiOptions {
  return readOnlyOptions(args, { minutes: whole(2, 1, 600), seed: seed(2 ** 31 - 1), json: flag });
}
