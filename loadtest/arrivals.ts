import type { Scenario } from "k6/options";
import { rate, seconds, users } from "./given.ts";

/** Longer than any student is patient. */
const GRACE_S = 120;

/** An open model: students arrive at this pace whether the edge keeps up or not, and may end what they have begun. */
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
