import { flag, readOptions, whole } from "../../proof/kit/options.ts";

/** The k6 programs of `loadtest/`, each with its default load. */
export const scripts = {
  smoke: { says: "every call once", students: 20, seats: 50, rate: 5, seconds: 4 },
  rush: { says: "everyone at the opening", students: 3_000, seats: 200, rate: 0, seconds: 0 },
  storm: { says: "sold out: refusals only", students: 2_000, seats: 0, rate: 300, seconds: 20 },
  refresh: {
    says: "lecture and availability reads",
    students: 1,
    seats: 100,
    rate: 500,
    seconds: 20,
  },
  mixed: {
    says: "reads, books, cancels",
    students: 20_000,
    seats: 100_000,
    rate: 100,
    seconds: 30,
  },
  soak: {
    says: "an ordinary day, for long",
    students: 50_000,
    seats: 500_000,
    rate: 40,
    seconds: 600,
  },
} as const;
export type ScriptName = keyof typeof scripts;

export interface LoadOptions {
  script: ScriptName;
  students: number;
  seats: number;
  /** arrivals each second */
  rate: number;
  /** how long students arrive, in seconds */
  seconds: number;
  /** students at work at once, at most */
  users: number;
  /** students who press for another lecture before the measurement; 0 leaves the system as it is */
  warmUp: number;
  /** press on the run's own system, started before and stopped afterwards */
  ownStack: boolean;
  json: boolean;
}

/**
 * Arrivals each second of a rush: k6 and the system share two cores, and each takes about 0.5 ms a
 * press.
 */
const RUSH_RATE = 800;
const RUSH_SECONDS_MIN = 3;

/**
 * There are users for the arrivals of this long, in seconds. A student who waits longer exceeds the
 * script's bounds.
 */
const USERS_FOR_S = { rush: 6, other: 2.5 };
const USERS_MIN = 250;
/** raw workerd holds two files per client connection, and 20,000 files are a common limit */
const USERS_MAX = 5_000;

/** Everything of a rush happens at once; in other scripts the first seconds are few among many. */
const WARM_UP = { rush: 8_000, other: 0 };

export const usage = [
  "usage: npm run load -- SCRIPT [--students N] [--seats N] [--rate PER_SECOND] " +
    "[--seconds N] [--users N] [--warm-up N] [--own-stack] [--json]",
  ...Object.entries(scripts).map(([name, { says }]) => `  ${name.padEnd(8)} ${says}`),
].join("\n");

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): LoadOptions {
  const { options: values, words: positionals } = readOptions(args, {
    students: whole(undefined, 1, 1_000_000),
    seats: whole(undefined, 0, 1_000_000),
    rate: whole(undefined, 1, 100_000),
    seconds: whole(undefined, 1, 86_400),
    users: whole(undefined, 1, 100_000),
    "warm-up": whole(undefined, 0, 100_000),
    "own-stack": flag,
    json: flag,
  });
  const [script = "", ...more] = positionals;
  if (!isScript(script) || more.length > 0) throw new Error(`no script "${positionals.join(" ")}"`);
  const usual = scripts[script];
  const students = values.students ?? usual.students;
  const rushSeconds = Math.max(RUSH_SECONDS_MIN, Math.ceil(students / RUSH_RATE));
  const seconds = values.seconds ?? (usual.seconds || rushSeconds);
  // In a rush each student arrives once: the number of students sets the rate.
  if (script === "rush" && values.rate !== undefined)
    throw new Error("--rate: a rush is told by --students and --seconds");
  const rate = values.rate ?? (usual.rate || Math.ceil(students / seconds));
  const kind = script === "rush" ? "rush" : "other";
  const usualUsers = Math.min(USERS_MAX, Math.max(USERS_MIN, Math.ceil(rate * USERS_FOR_S[kind])));
  return {
    script,
    students,
    seats: values.seats ?? usual.seats,
    seconds,
    rate,
    users: values.users ?? usualUsers,
    warmUp: values["warm-up"] ?? WARM_UP[kind],
    ownStack: values["own-stack"],
    json: values.json,
  };
}

function isScript(name: string): name is ScriptName {
  return Object.hasOwn(scripts, name);
}
