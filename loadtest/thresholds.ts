import { rate, seconds } from "./given.ts";
import { outcomes } from "./outcomes.ts";

type Thresholds = Record<string, string[]>;

/** No answer may be broken, nobody may go without one, and each kind of answer is counted in the summary. */
export const everyAnswer: Thresholds = {
  broken_answers: ["rate==0"],
  gave_up: ["count<1"],
  ...Object.fromEntries(outcomes.map((outcome) => [`answers{outcome:${outcome}}`, []])),
};

/**
 * Whoever should arrive did, and was done when the run ended. A generator that falls behind would otherwise make the system look better
 * than it is: k6 counts as dropped only those for whom no user was free.
 */
export function everyArrival(scenario: string): Thresholds {
  return {
    dropped_iterations: ["count<1"],
    [`iterations{scenario:${scenario}}`]: [`count>=${rate * seconds - 1}`],
  };
}

/** The share of students who may be told to come again later. */
export function turnedAwayBelow(share: number): Thresholds {
  return { turned_away: [`rate<${share}`] };
}

/** How long what was measured under a name may take, in milliseconds. */
export function within(name: string, { p95, p99 }: { p95: number; p99: number }): Thresholds {
  return { [name]: [`p(95)<${p95}`, `p(99)<${p99}`] };
}

/** How long the edge may take for a call of this name, in milliseconds. */
export function callWithin(call: string, bounds: { p95: number; p99: number }): Thresholds {
  return within(`http_req_duration{name:${call}}`, bounds);
}
