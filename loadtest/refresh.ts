import exec from "k6/execution";
import type { Options } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { read } from "./edge.ts";
import { lectureId } from "./given.ts";
import { percentiles, writeSummary } from "./summary.ts";

export const handleSummary = writeSummary;

/** Pages that are loaded again and again before the opening: the list, the lecture, and above all what is left. */
export const options: Options = {
  scenarios: {
    refresh: arrivals({ gracefulStop: "30s" }),
  },
  summaryTrendStats: percentiles,
  thresholds: {
    broken_answers: ["count<1"],
    dropped_iterations: ["count<1"],
    "http_req_duration{name:availability}": ["p(95)<500", "p(99)<1000"],
    "http_req_duration{name:lecture}": ["p(95)<500", "p(99)<1000"],
    "http_req_duration{name:lectures}": ["p(95)<500", "p(99)<1000"],
  },
};

/** Of ten reads eight look at what is left. */
export default function (): void {
  const turn = exec.scenario.iterationInTest % 10;
  if (turn === 0) read("/api/lectures", "lectures");
  else if (turn === 1) read(`/api/lectures/${lectureId}`, "lecture");
  else read(`/api/lectures/${lectureId}/availability`, "availability");
}
