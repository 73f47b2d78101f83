import { rate, seconds } from "./given.ts";
import { outcomes } from "./outcomes.ts";

export type Thresholds = Record<string, string[]>;

/** No answer is broken, no student goes without one, and the summary counts each kind of answer. */
export const everyAnswer: Thresholds = {
  broken_answers: ["rate==0"],
  gave_up: ["count<1"],
  ...Object.fromEntries(outcomes.map((outcome) => [`answers{outcome:${outcome}}`, []])),
};

/**
 * Every expected student arrived, and was done when the run ended. A generator that falls behind
 * would flatter the system: k6 counts as dropped only the arrivals without a free user.
 */
export function everyArrival(scenario: string): Thresholds {
  return {
    dropped_iterations: ["count<1"],
    [`iterations{scenario:${scenario}}`]: [`count>=${rate * seconds - 1}`],
  };
}

/** The bound of the share of answers that say "come again later". */
export function turnedAwayBelow(share: number): Thresholds {
  return { turned_away: [`rate<${share}`] };
}

/** Bounds of a time, in milliseconds. */
export interface Bounds {
  p95: number;
  p99: number;
}

/** The bounds of a measured time, by its name. */
export function within(name: string, { p95, p99 }: Bounds): Thresholds {
  return { [name]: [`p(95)<${p95}`, `p(99)<${p99}`] };
}

/** The bounds of the edge's time for each of these calls, by their names. */
export function callsWithin(calls: string[], bounds: Bounds): Thresholds {
  return Object.assign(
    {},
    ...calls.map((call) => within(`http_req_duration{name:${call}}`, bounds)),
  );
}
