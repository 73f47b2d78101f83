import { fail, sleep } from "k6";
import exec from "k6/execution";
import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { book } from "./edge.ts";
import { capacity, opensAtMs, tokens } from "./given.ts";
import { percentiles, writeSummary } from "./summary.ts";
import { everyAnswer, everyArrival, turnedAwayBelow, within } from "./thresholds.ts";

export const handleSummary = writeSummary;

/** Everybody at the opening: students arrive as fast as they like, whether the edge keeps up or not. */
export const options: Options = {
  scenarios: { rush: arrivals() },
  setupTimeout: "10m",
  summaryTrendStats: percentiles,
  thresholds: {
    ...everyAnswer,
    ...everyArrival,
    ...turnedAwayBelow(0.01),
    // Everybody who has a seat in MySQL was told so.
    seats: [`count==${Math.min(capacity, tokens.length)}`],
    ...within("time_to_seat", { p95: 20_000, p99: 30_000 }),
    ...within("time_to_refusal", { p95: 30_000, p99: 60_000 }),
  },
};

/** k6 makes its users before this, and students arrive when it has ended: at the opening, and not when the users happened to be ready. */
export function setup(): void {
  const earlyMs = opensAtMs - Date.now();
  if (earlyMs < 0) fail(`k6 had its users ${-earlyMs} ms after the opening: press with fewer (--users)`);
  sleep(earlyMs / 1_000);
}

export default function (): void {
  const student = exec.scenario.iterationInTest;
  const token = tokens[student];
  // The last second may have room for more than there are students.
  if (token) book(token, `rush-${student}`);
}
