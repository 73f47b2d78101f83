import { parseArgs } from "node:util";

export interface RushOptions {
  students: number;
  seats: number;
  /** decides who presses early, twice or again, and how fast; the same seed makes the same crowd */
  seed: number;
  /** from the making of the lecture to its opening, in seconds */
  opensInS: number;
  json: boolean;
}

export const usage =
  "usage: npm run rush -- [--students 3000] [--seats 200] [--opens-in SECONDS] [--seed N] [--json]";

const STUDENTS_MAX = 50_000;
const SEED_MAX = 2 ** 32 - 1;

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): RushOptions {
  const { values } = parseArgs({
    args,
    options: {
      students: { type: "string", default: "3000" },
      seats: { type: "string", default: "200" },
      seed: { type: "string" },
      "opens-in": { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    students: whole("students", values.students, 1, STUDENTS_MAX),
    seats: whole("seats", values.seats, 0, 1_000_000),
    seed: values.seed === undefined ? anySeed() : whole("seed", values.seed, 0, SEED_MAX),
    opensInS: whole("opens-in", values["opens-in"], 2, 600),
    json: values.json,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
}

function anySeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
