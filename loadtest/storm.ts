import exec from "k6/execution";
import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { book } from "./edge.ts";
import { tokens } from "./given.ts";
import { percentiles, writeSummary } from "./summary.ts";

export const handleSummary = writeSummary;

/** A lecture without a seat left: every click is refused, as most clicks of a rush are. */
export const options: Options = {
  scenarios: {
    storm: arrivals(),
  },
  summaryTrendStats: percentiles,
  thresholds: {
    broken_answers: ["count<1"],
    dropped_iterations: ["count<1"],
    seats: ["count<1"],
    time_to_refusal: ["p(95)<1000", "p(99)<2000"],
  },
};

export default function (): void {
  const student = exec.scenario.iterationInTest % tokens.length;
  book(tokens[student] ?? "", `storm-${exec.scenario.iterationInTest}`);
}
