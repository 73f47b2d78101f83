import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { ordinaryDay } from "./ordinary-day.ts";
import { percentiles, writeSummary } from "./summary.ts";

export const handleSummary = writeSummary;

/** Reads, bookings and cancels side by side. */
export const options: Options = {
  scenarios: {
    mixed: arrivals(),
  },
  summaryTrendStats: percentiles,
  thresholds: {
    broken_answers: ["count<1"],
    dropped_iterations: ["count<1"],
    time_to_seat: ["p(95)<2000", "p(99)<5000"],
    "http_req_duration{name:availability}": ["p(95)<500", "p(99)<1000"],
  },
};

export default ordinaryDay;
