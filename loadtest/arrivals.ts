import type { Scenario } from "k6/options";
import { rate, seconds, users } from "./given.ts";

/** An open model: students arrive at this pace whether the edge keeps up or not, and may take so long to end what they have begun. */
export function arrivals({
  gracefulStop = "60s",
  startTime = "0s",
}: {
  gracefulStop?: string;
  startTime?: string;
} = {}): Scenario {
  return {
    executor: "constant-arrival-rate",
    rate,
    timeUnit: "1s",
    duration: `${seconds}s`,
    startTime,
    preAllocatedVUs: users,
    gracefulStop,
  };
}
