import { flag, readOnlyOptions, seed, whole } from "../kit/options.ts";

export interface RushOptions {
  students: number;
  seats: number;
  /**
   * decides which students press early, twice or again, and at what times; the same seed makes the
   * same crowd
   */
  seed: number;
  /** from the making of the lecture to its opening, in seconds */
  opensInS: number;
  /** changes of the lecture while the crowd presses */
  amends: number;
  /** how many rushes follow one another, each with the next seed */
  rushes: number;
  json: boolean;
}

export const usage =
  "usage: npm run rush -- [--students 3000] [--seats 200] [--opens-in SECONDS] [--seed N] [--amends N] [--rushes N] [--json]";

const STUDENTS_MAX = 50_000;
const SEED_MAX = 2 ** 32 - 1;

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): RushOptions {
  const { "opens-in": opensInS, ...rest } = readOnlyOptions(args, {
    students: whole(3_000, 1, STUDENTS_MAX),
    seats: whole(200, 0, 1_000_000),
    seed: seed(SEED_MAX),
    "opens-in": whole(5, 2, 600),
    amends: whole(0, 0, 1_000),
    rushes: whole(1, 1, 1_000),
    json: flag,
  });
  return { ...rest, opensInS };
}
