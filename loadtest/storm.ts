import exec from "k6/execution";
import { book } from "./edge.ts";
import { arrivingAs, writeSummary } from "./frame.ts";
import { tokens } from "./given.ts";
import { within } from "./thresholds.ts";

export const handleSummary = writeSummary;

/** A lecture without a seat: every click is refused, like most clicks of a rush. */
export const options = arrivingAs("storm", {
  seats: ["count<1"],
  ...within("time_to_refusal", { p95: 250, p99: 1_000 }),
});

export default function (): void {
  const turn = exec.scenario.iterationInTest;
  book(tokens[turn % tokens.length] ?? "", `storm-${turn}`);
}
