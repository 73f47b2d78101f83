import { parseArgs } from "node:util";

/** The k6 programs of `loadtest/`, and how hard each presses where the command line does not say. */
export const scripts = {
  smoke: { says: "every call once", students: 50, seats: 50, rate: 1, seconds: 10 },
  rush: { says: "everyone at the opening", students: 3_000, seats: 200, rate: 0, seconds: 3 },
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
  json: boolean;
}

export const usage = [
  "usage: npm run load -- SCRIPT [--students N] [--seats N] [--rate PER_SECOND] [--seconds N] [--json]",
  ...Object.entries(scripts).map(([name, { says }]) => `  ${name.padEnd(8)} ${says}`),
].join("\n");

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): LoadOptions {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    options: {
      students: text,
      seats: text,
      rate: text,
      seconds: text,
      json: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const [script = "", ...more] = positionals;
  if (!isScript(script) || more.length > 0) throw new Error(`no script "${positionals.join(" ")}"`);
  const usual = scripts[script];
  const students = whole("students", values.students, usual.students, 1, 1_000_000);
  const seconds = whole("seconds", values.seconds, usual.seconds, 1, 86_400);
  return {
    script,
    students,
    seats: whole("seats", values.seats, usual.seats, 0, 1_000_000),
    seconds,
    // In a rush everybody arrives once, so the number of students is what counts.
    rate:
      script === "rush" ? Math.ceil(students / seconds) : whole("rate", values.rate, usual.rate, 1, 100_000),
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
