import { arrivingAs, writeSummary } from "./frame.ts";
import { dayWithin, ordinaryDay } from "./ordinary-day.ts";

export const handleSummary = writeSummary;

/**
 * An ordinary day for a long time, at a rate that leaves room: a figure that still grows then grows
 * for ever.
 */
export const options = arrivingAs("soak", dayWithin({ p95: 250, p99: 750 }));

export default ordinaryDay;
