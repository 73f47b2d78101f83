import { flag, readOnlyOptions, text, whole } from "../kit/options.ts";

export interface HostileOptions {
  /** inputs for each route */
  runs: number;
  /** makes the inputs; the same seed makes the same ones */
  seed: number;
  /** only routes whose name contains this text, such as `edge` or `POST /commands` */
  route: string;
  json: boolean;
}

export const usage = "usage: npm run hostile -- [--runs 100000] [--seed 1] [--route TEXT] [--json]";

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): HostileOptions {
  return readOnlyOptions(args, {
    runs: whole(100_000, 1, 100_000_000),
    seed: whole(1, 0, 2 ** 31 - 1),
    route: text(""),
    json: flag,
  });
}
