import { arrivingAs, writeSummary } from "./frame.ts";
import { dayWithin, ordinaryDay } from "./ordinary-day.ts";

export const handleSummary = writeSummary;

/** Reads, bookings and cancels side by side. */
export const options = arrivingAs("mixed", dayWithin({ p95: 250, p99: 500 }));

export default ordinaryDay;
