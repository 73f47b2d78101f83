import type { Rounds } from "./rounds.ts";
import type { Stage } from "./stage.ts";

/**
 * A ratio may fall by this share below the kept one. A larger fall is a regression, a smaller one
 * is noise of the machine.
 */
const REGRESSION = 0.15;

/** One line of the table. */
export interface Measured extends Rounds {
  stage: string;
  ceiling: string;
  atLeast: number;
  /** the previously kept ratio; undefined for a new stage */
  kept: number | undefined;
  verdict: "reached" | "missed" | "regressed";
}

/** Judges a measurement by the stage's own bar, and by its kept ratio. */
export function judge(stage: Stage, rounds: Rounds, kept: number | undefined): Measured {
  const { name, ceiling, atLeast } = stage;
  const least = (kept ?? 0) * (1 - REGRESSION);
  const verdict =
    rounds.ratio < atLeast ? "missed" : rounds.ratio < least ? "regressed" : "reached";
  return { stage: name, ceiling, ...rounds, atLeast, kept, verdict };
}
