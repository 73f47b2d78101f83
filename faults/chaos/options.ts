import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../stack/layout.ts";

export interface ChaosOptions {
  /** how many schedules to run; with `minutes` as many as fit */
  schedules: number;
  minutes: number | undefined;
  seed: number;
  /** how often the lecture of `not-ready` is told not ready, with two workers and with three */
  rounds: number;
  /**
   * `schedules` of every kind of fault; `soak`: only faults that leave the processes alive, and what they hold is measured; `restarts` of
   * one process at a time; `lost-replies` to clients who ask again and again; a large lecture `not-ready` in mid-rush
   */
  mode: (typeof modes)[number] | "schedules";
  stopAtFirst: boolean;
  json: boolean;
  /** where everything is kept; absolute */
  dir: string;
}

const modes = ["soak", "restarts", "lost-replies", "not-ready"] as const;

export const usage = `usage: npm run chaos -- [--schedules 25] [--seed N] [--stop-at-first] [--json]
       npm run chaos -- --soak --minutes 30        only faults that leave the processes alive; measures what they hold
       npm run chaos -- --restarts                 each server killed and started again under load
       npm run chaos -- --lost-replies             1,000 clients × 100 identical requests, 30 % of the replies lost
       npm run chaos -- --not-ready [--rounds 10]  a lecture of 120,000 decisions, told not ready in mid-rush`;

const SEED_MAX = 2 ** 31 - 1;

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      schedules: { type: "string", default: "25" },
      minutes: { type: "string" },
      seed: { type: "string" },
      soak: { type: "boolean", default: false },
      restarts: { type: "boolean", default: false },
      "lost-replies": { type: "boolean", default: false },
      "not-ready": { type: "boolean", default: false },
      rounds: { type: "string", default: "10" },
      "stop-at-first": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      dir: { type: "string", default: ".stack-faults" },
    },
  });
  const [mode, ...more] = modes.filter((name) => values[name]);
  if (more.length > 0) throw new Error("--soak, --restarts, --lost-replies and --not-ready: one at a time");
  return {
    schedules: whole("schedules", values.schedules, 1, 100_000),
    minutes: values.minutes === undefined ? undefined : whole("minutes", values.minutes, 1, 24 * 60),
    seed: values.seed === undefined ? anySeed() : whole("seed", values.seed, 0, SEED_MAX),
    rounds: whole("rounds", values.rounds, 1, 1_000),
    mode: mode ?? "schedules",
    stopAtFirst: values["stop-at-first"],
    json: values.json,
    dir: resolve(ROOT, values.dir),
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
}

function anySeed(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 1;
}
