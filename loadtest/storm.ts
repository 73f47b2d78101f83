import exec from "k6/execution";
import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { book } from "./edge.ts";
import { tokens } from "./given.ts";
import { percentiles, writeSummary } from "./summary.ts";
import { everyAnswer, everyArrival, turnedAwayBelow, within } from "./thresholds.ts";

export const handleSummary = writeSummary;

/** A lecture without a seat: every click is refused, like most clicks of a rush. */
export const options: Options = {
  scenarios: { storm: arrivals() },
  summaryTrendStats: percentiles,
  thresholds: {
    ...everyAnswer,
    ...everyArrival("storm"),
    ...turnedAwayBelow(0.001),
    seats: ["count<1"],
    ...within("time_to_refusal", { p95: 250, p99: 1_000 }),
  },
};

export default function (): void {
  const turn = exec.scenario.iterationInTest;
  book(tokens[turn % tokens.length] ?? "", `storm-${turn}`);
}
