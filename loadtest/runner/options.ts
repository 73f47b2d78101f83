import { parseArgs } from "node:util";

/** The k6 programs of `loadtest/`, and how hard each presses where the command line does not say. */
export const scripts = {
  smoke: { says: "every call once", students: 20, seats: 50, rate: 5, seconds: 4 },
  rush: { says: "everyone at the opening", students: 3_000, seats: 200, rate: 0, seconds: 0 },
  storm: { says: "sold out: refusals only", students: 2_000, seats: 0, rate: 300, seconds: 20 },
  refresh: { says: "lecture and availability reads", students: 1, seats: 100, rate: 500, seconds: 20 },
  mixed: { says: "reads, books, cancels", students: 20_000, seats: 100_000, rate: 100, seconds: 30 },
  soak: { says: "an ordinary day, for long", students: 50_000, seats: 500_000, rate: 40, seconds: 600 },
} as const;
export type ScriptName = keyof typeof scripts;

export interface LoadOptions {
  script: ScriptName;
  students: number;
  seats: number;
  /** arrivals each second */
  rate: number;
  /** how long students arrive */
  seconds: number;
  /** students at work at once, at most */
  users: number;
  /** how many press for another lecture before anything is measured; 0 leaves the system as it is */
  warmUp: number;
  /** press on a system of the run's own, which is started before and stopped afterwards */
  ownStack: boolean;
  json: boolean;
}

/** How many students arrive each second of a rush: k6 and the system share two cores, and each takes about half a millisecond a press. */
const RUSH_RATE = 800;
const RUSH_SECONDS_MIN = 3;

/** Users are there for those who arrive in this long, in seconds: whoever waits longer is past the bounds of the script. */
const USERS_FOR_S = { rush: 6, other: 2.5 };
const USERS_MIN = 250;
/** raw workerd holds two files for each connection of a client, and 20,000 files are a common limit */
const USERS_MAX = 5_000;

/** Everything of a rush happens at once; of the other scripts the first seconds are few among many. */
const WARM_UP = { rush: 8_000, other: 0 };

export const usage = [
  "usage: npm run load -- SCRIPT [--students N] [--seats N] [--rate PER_SECOND] [--seconds N] [--users N] [--warm-up N] [--own-stack] [--json]",
  ...Object.entries(scripts).map(([name, { says }]) => `  ${name.padEnd(8)} ${says}`),
].join("\n");

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): LoadOptions {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    args,
    options: {
      ...{ students: text, seats: text, rate: text, seconds: text, users: text },
      ...{ "warm-up": text, "own-stack": flag, json: flag },
    },
    allowPositionals: true,
  });
  const [script = "", ...more] = positionals;
  if (!isScript(script) || more.length > 0) throw new Error(`no script "${positionals.join(" ")}"`);
  const usual = scripts[script];
  const students = whole("students", values.students, usual.students, 1, 1_000_000);
  const rushSeconds = Math.max(RUSH_SECONDS_MIN, Math.ceil(students / RUSH_RATE));
  const seconds = whole("seconds", values.seconds, usual.seconds || rushSeconds, 1, 86_400);
  // In a rush everybody arrives once, so the number of students is what counts.
  if (script === "rush" && values.rate !== undefined)
    throw new Error("--rate: a rush is told by --students and --seconds");
  const rate = whole("rate", values.rate, usual.rate || Math.ceil(students / seconds), 1, 100_000);
  const kind = script === "rush" ? "rush" : "other";
  const usualUsers = Math.min(USERS_MAX, Math.max(USERS_MIN, Math.ceil(rate * USERS_FOR_S[kind])));
  return {
    script,
    students,
    seats: whole("seats", values.seats, usual.seats, 0, 1_000_000),
    seconds,
    rate,
    users: whole("users", values.users, usualUsers, 1, 100_000),
    warmUp: whole("warm-up", values["warm-up"], WARM_UP[kind], 0, 100_000),
    ownStack: values["own-stack"],
    json: values.json,
  };
}

function isScript(name: string): name is ScriptName {
  return Object.hasOwn(scripts, name);
}

function whole(name: string, text: string | undefined, usual: number, min: number, max: number): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
}
