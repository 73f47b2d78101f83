import exec from "k6/execution";
import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { book } from "./edge.ts";
import { opensAtMs, tokens } from "./given.ts";
import { percentiles, writeSummary } from "./summary.ts";

export const handleSummary = writeSummary;

/** Everybody at the opening: students arrive as fast as they like, whether the edge keeps up or not. */
export const options: Options = {
  scenarios: {
    rush: arrivals({ startTime: `${Math.max(0, opensAtMs - Date.now())}ms`, gracefulStop: "120s" }),
  },
  summaryTrendStats: percentiles,
  thresholds: {
    broken_answers: ["count<1"],
    dropped_iterations: ["count<1"],
    time_to_seat: ["p(95)<20000", "p(99)<30000"],
    time_to_refusal: ["p(95)<30000", "p(99)<60000"],
  },
};

export default function (): void {
  const student = exec.scenario.iterationInTest % tokens.length;
  book(tokens[student] ?? "", `rush-${student}`);
}
