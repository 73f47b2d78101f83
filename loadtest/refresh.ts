import exec from "k6/execution";
import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { read } from "./edge.ts";
import { lectureId } from "./given.ts";
import { percentiles, writeSummary } from "./summary.ts";
import { callWithin, everyAnswer, everyArrival, turnedAwayBelow } from "./thresholds.ts";

export const handleSummary = writeSummary;

/**
 * Pages loaded again and again before the opening: the list, the lecture, and above all its
 * availability.
 */
export const options: Options = {
  scenarios: { refresh: arrivals() },
  summaryTrendStats: percentiles,
  thresholds: {
    ...everyAnswer,
    ...everyArrival("refresh"),
    ...turnedAwayBelow(0.001),
    ...callWithin("availability", { p95: 300, p99: 600 }),
    ...callWithin("lecture", { p95: 300, p99: 600 }),
    ...callWithin("lectures", { p95: 300, p99: 600 }),
  },
};

/** Eight of ten reads are of the availability. */
export default function (): void {
  const turn = exec.scenario.iterationInTest % 10;
  if (turn === 0) read("/api/lectures", "lectures");
  else if (turn === 1) read(`/api/lectures/${lectureId}`, "lecture");
  else read(`/api/lectures/${lectureId}/availability`, "availability");
}
