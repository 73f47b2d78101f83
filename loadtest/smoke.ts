import { check } from "k6";
import exec from "k6/execution";
import type { Options } from "k6/options";
import { book, cancel, read, readOwn } from "./edge.ts";
import { lectureId, tokens } from "./given.ts";
import { percentiles, writeSummary } from "./summary.ts";
import { everyAnswer, turnedAwayBelow, within } from "./thresholds.ts";

export const handleSummary = writeSummary;

const STUDENTS = 20;

/** Every call once per student: does the system work at all? */
export const options: Options = {
  scenarios: {
    smoke: { executor: "shared-iterations", vus: 5, iterations: STUDENTS, maxDuration: "60s" },
  },
  summaryTrendStats: percentiles,
  thresholds: {
    ...everyAnswer,
    ...turnedAwayBelow(0.001),
    iterations: [`count==${STUDENTS}`],
    checks: ["rate==1"],
    seats: [`count==${STUDENTS}`],
    ...within("time_to_seat", { p95: 2_000, p99: 5_000 }),
    ...within("http_req_duration", { p95: 2_000, p99: 5_000 }),
  },
};

export default function (): void {
  const turn = exec.scenario.iterationInTest;
  const token = tokens[turn % tokens.length] ?? "";
  check(read("/api/lectures", "lectures"), { "the list is read": ({ status }) => status === 200 });
  check(read(`/api/lectures/${lectureId}`, "lecture"), {
    "the lecture is read": ({ status }) => status === 200,
  });
  check(read(`/api/lectures/${lectureId}/availability`, "availability"), {
    "what is left is read": ({ status }) => status === 200,
  });
  const { outcome, rid } = book(token, `smoke-${turn}`);
  check(outcome, { "a seat is confirmed": (told) => told === "confirmed" });
  check(readOwn(token, `/api/reservations/${rid}`, "reservation"), {
    "the reservation is read": ({ status }) => status === 200,
  });
  cancel(token, rid);
  check(readOwn(token, "/api/me/reservations", "own_reservations"), {
    "it shows as cancelled": (answer) => String(answer.body).includes('"cancelled"'),
  });
}
