import type { Entry, Intent } from "../kit/journal.ts";

/** Times in milliseconds, rounded; null without times. */
export interface Quantiles {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** The winners' times from the click to the news of the confirmed seat. */
export function decisionTimes(intents: Intent[]): Quantiles {
  return quantilesOf(
    intents.flatMap(({ clickedAtMs, conclusions }) => {
      const decided = conclusions.find(({ outcome }) => outcome === "confirmed");
      return decided ? [decided.atMs - clickedAtMs] : [];
    }),
  );
}

/**
 * The times from the click to the first answer, for the presses at the opening that won nothing.
 */
export function refusalTimes(entries: readonly Entry[]): Quantiles {
  const refused = entries.filter(
    ({ kind, outcome }) => kind === "press" && outcome !== "confirmed" && outcome !== "pending",
  );
  return quantilesOf(refused.map(({ sentAtMs, answeredAtMs }) => answeredAtMs - sentAtMs));
}

/** Nearest-rank quantiles: the smallest time not below the given share of all. */
export function quantilesOf(timesMs: number[]): Quantiles {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const time = sorted[Math.ceil(share * sorted.length) - 1];
    return time === undefined ? null : Math.round(time);
  };
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
