import type { Options, Scenario } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { everyAnswer, everyArrival, type Thresholds, turnedAwayBelow } from "./thresholds.ts";

/** The statistics of each figure of a run. */
const percentiles = ["count", "med", "p(90)", "p(95)", "p(99)", "max"];

/** Writes the figures of the run to the runner's file. */
export function writeSummary(data: unknown): Record<string, string> {
  return { [__ENV["SUMMARY_FILE"] ?? "summary.json"]: JSON.stringify(data) };
}

/** The options of a script: its scenarios, and its own bounds beside those of every script. */
export function optionsOf(scenarios: Record<string, Scenario>, bounds: Thresholds): Options {
  return {
    scenarios,
    summaryTrendStats: percentiles,
    thresholds: { ...everyAnswer, ...turnedAwayBelow(0.001), ...bounds },
  };
}

/** The options of a script whose students arrive at one rate, in a scenario of its own name. */
export function arrivingAs(script: string, bounds: Thresholds): Options {
  return optionsOf({ [script]: arrivals() }, { ...everyArrival(script), ...bounds });
}
