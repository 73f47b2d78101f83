import { fail, sleep } from "k6";
import exec from "k6/execution";
import type { Options, Scenario } from "k6/options";
import { arrivals } from "./arrivals.ts";
import { book, read } from "./edge.ts";
import { optionsOf, writeSummary } from "./frame.ts";
import { capacity, lectureId, opensAtMs, tokens, users } from "./given.ts";
import { everyArrival, turnedAwayBelow, within } from "./thresholds.ts";

export const handleSummary = writeSummary;

/** When the first and the last student open the lecture's page, in seconds before the opening. */
const PAGE_FROM_S = 25;
const PAGE_UNTIL_S = 5;

/**
 * Everybody at the opening: students arrive at their own pace, whether the edge keeps up or not.
 * The lecture's page is open by then, so that k6's users and connections exist.
 */
const scenarios: Record<string, Scenario> = {
  page: {
    executor: "per-vu-iterations",
    exec: "openPage",
    vus: users,
    maxDuration: `${PAGE_FROM_S}s`,
    gracefulStop: "0s",
  },
  rush: arrivals({ startsAfterS: PAGE_FROM_S }),
};

export const options: Options = {
  setupTimeout: "10m",
  ...optionsOf(scenarios, {
    ...everyArrival("rush"),
    ...turnedAwayBelow(0.01),
    // Every student with a seat in MySQL was told `confirmed`.
    seats: [`count==${Math.min(capacity, tokens.length)}`],
    ...within("time_to_seat", { p95: 6_000, p99: 8_000 }),
    ...within("time_to_refusal", { p95: 6_000, p99: 8_000 }),
  }),
};

/**
 * k6 makes its users before this and starts the scenarios after it: timed by the opening, not by
 * the users' readiness.
 */
export function setup(): void {
  const earlyMs = opensAtMs - PAGE_FROM_S * 1_000 - Date.now();
  if (earlyMs < 0)
    fail(`k6 had its users ${-earlyMs} ms too late for the opening: press with fewer (--users)`);
  sleep(earlyMs / 1_000);
}

export function openPage(): void {
  sleep(Math.random() * (PAGE_FROM_S - PAGE_UNTIL_S));
  read(`/api/lectures/${lectureId}/availability`, "availability");
}

export default function (): void {
  const student = exec.scenario.iterationInTest;
  const token = tokens[student];
  // The last second may have room for more arrivals than students.
  if (token) book(token, `rush-${student}`);
}
