import type { Rounds } from "./rounds.ts";
import type { Stage } from "./stage.ts";

/** A ratio may fall by this share against the kept one: more is a regression, less is the machine. */
const REGRESSION = 0.15;

/** One line of the table. */
export interface Measured extends Rounds {
  stage: string;
  ceiling: string;
  atLeast: number;
  /** the ratio that was kept before; undefined for a stage that was never kept */
  kept: number | undefined;
  verdict: "reached" | "missed" | "regressed";
}

/** Judges what was measured: by the stage's own bar, and by what it once reached. */
export function judge(stage: Stage, rounds: Rounds, kept: number | undefined): Measured {
  const { name, ceiling, atLeast } = stage;
  const verdict =
    rounds.ratio < atLeast ? "missed" : hasRegressed(rounds.ratio, kept) ? "regressed" : "reached";
  return { stage: name, ceiling, ...rounds, atLeast, kept, verdict };
}

function hasRegressed(ratio: number, kept: number | undefined): boolean {
  return kept !== undefined && ratio < kept * (1 - REGRESSION);
}
