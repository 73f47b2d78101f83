import { resolve } from "node:path";
import { ROOT } from "../../../stack/layout.ts";
import { flag, type OptionsOf, readOnlyOptions, seed, text, whole } from "../../kit/options.ts";

export const usage = `usage: npm run chaos -- [--schedules 25] [--seed N] [--stop-at-first] [--json]
       npm run chaos -- --soak --minutes 30        only faults that leave the processes alive; measures what they hold
       npm run chaos -- --restarts                 each server killed and started again under load
       npm run chaos -- --lost-replies             1,000 clients × 100 identical requests, 30 % of the replies lost
       npm run chaos -- --not-ready [--rounds 10]  a lecture of 120,000 decisions, told not ready in mid-rush`;

const SEED_MAX = 2 ** 31 - 1;

const spec = {
  // the number of schedules; with `minutes` as many as fit
  schedules: whole(25, 1, 100_000),
  minutes: whole(undefined, 1, 24 * 60),
  seed: seed(SEED_MAX),
  soak: flag,
  restarts: flag,
  "lost-replies": flag,
  "not-ready": flag,
  // how often the lecture of `not-ready` is set to not ready, with two workers and with three
  rounds: whole(10, 1, 1_000),
  "stop-at-first": flag,
  json: flag,
  // the directory of all data
  dir: text(".stack-faults"),
};

const modes = ["soak", "restarts", "lost-replies", "not-ready"] as const;

export interface ChaosOptions extends OptionsOf<typeof spec> {
  /**
   * `schedules`: faults of every kind. `soak`: only faults that leave the processes alive, with
   * their holdings measured. `restarts`: one process at a time. `lost-replies`: clients who repeat
   * a request. `not-ready`: a large lecture closes in mid-rush.
   */
  mode: (typeof modes)[number] | "schedules";
}

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): ChaosOptions {
  const options = readOnlyOptions(args, spec);
  const [mode = "schedules", ...more] = modes.filter((name) => options[name]);
  if (more.length > 0)
    throw new Error("--soak, --restarts, --lost-replies and --not-ready: one at a time");
  return { ...options, mode, dir: resolve(ROOT, options.dir) };
}
