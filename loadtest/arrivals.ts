import type { Scenario } from "k6/options";
import { rate, seconds, users } from "./given.ts";

/**
 * How long students may go on after the last arrival, in seconds: longer than any student's
 * patience.
 */
const GRACE_S = 120;

/**
 * An open model: students arrive at this rate whether the edge keeps up or not, and may finish what
 * they began.
 */
export function arrivals({ startsAfterS = 0 } = {}): Scenario {
  return {
    executor: "constant-arrival-rate",
    rate,
    timeUnit: "1s",
    startTime: `${startsAfterS}s`,
    duration: `${seconds}s`,
    preAllocatedVUs: users,
    gracefulStop: `${GRACE_S}s`,
  };
}
