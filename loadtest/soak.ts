import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { ordinaryDay } from "./ordinary-day.ts";
import { percentiles, writeSummary } from "./summary.ts";

export const handleSummary = writeSummary;

/** An ordinary day for a long time, at a pace that leaves room: what grows by then grows for ever. */
export const options: Options = {
  scenarios: {
    soak: arrivals(),
  },
  summaryTrendStats: percentiles,
  thresholds: {
    broken_answers: ["count<1"],
    dropped_iterations: ["count<1"],
    time_to_seat: ["p(95)<1000", "p(99)<3000"],
    "http_req_duration{name:availability}": ["p(95)<300", "p(99)<1000"],
  },
};

export default ordinaryDay;
