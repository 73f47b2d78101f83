import { parseArgs } from "node:util";

export interface HostileOptions {
  /** inputs for each route */
  runs: number;
  /** makes the inputs; the same seed makes the same ones */
  seed: number;
  /** only routes whose name holds this, such as `edge` or `POST /commands` */
  route: string;
  json: boolean;
}

export const usage = "usage: npm run hostile -- [--runs 100000] [--seed 1] [--route TEXT] [--json]";

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): HostileOptions {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      route: { type: "string", default: "" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    runs: whole("runs", values.runs, 1, 100_000_000),
    seed: whole("seed", values.seed, 0, 2 ** 31 - 1),
    route: values.route,
    json: values.json,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
}
