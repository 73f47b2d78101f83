import exec from "k6/execution";
import { read } from "./edge.ts";
import { arrivingAs, writeSummary } from "./frame.ts";
import { lectureId } from "./given.ts";
import { callsWithin } from "./thresholds.ts";

export const handleSummary = writeSummary;

/**
 * Pages loaded again and again before the opening: the list, the lecture, and above all its
 * availability.
 */
export const options = arrivingAs(
  "refresh",
  callsWithin(["availability", "lecture", "lectures"], { p95: 300, p99: 600 }),
);

/** Eight of ten reads are of the availability. */
export default function (): void {
  const turn = exec.scenario.iterationInTest % 10;
  if (turn === 0) read("/api/lectures", "lectures");
  else if (turn === 1) read(`/api/lectures/${lectureId}`, "lecture");
  else read(`/api/lectures/${lectureId}/availability`, "availability");
}
