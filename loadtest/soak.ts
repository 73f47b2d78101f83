import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { ordinaryDay } from "./ordinary-day.ts";
import { percentiles, writeSummary } from "./summary.ts";
import { callWithin, everyAnswer, everyArrival, turnedAwayBelow, within } from "./thresholds.ts";

export const handleSummary = writeSummary;

/**
 * An ordinary day for a long time, at a rate that leaves room: a figure that still grows then grows
 * for ever.
 */
export const options: Options = {
  scenarios: { soak: arrivals() },
  summaryTrendStats: percentiles,
  thresholds: {
    ...everyAnswer,
    ...everyArrival("soak"),
    ...turnedAwayBelow(0.001),
    seats: ["count>0"],
    ...within("time_to_seat", { p95: 500, p99: 1_500 }),
    ...callWithin("availability", { p95: 250, p99: 750 }),
    ...callWithin("lecture", { p95: 250, p99: 750 }),
    ...callWithin("own_reservations", { p95: 250, p99: 750 }),
    ...callWithin("cancel", { p95: 500, p99: 1_500 }),
  },
};

export default ordinaryDay;
