import { check } from "k6";
import exec from "k6/execution";
import { book, cancel, read, readOwn } from "./edge.ts";
import { optionsOf, writeSummary } from "./frame.ts";
import { lectureId, tokens } from "./given.ts";
import type { Answer } from "./outcomes.ts";
import { within } from "./thresholds.ts";

export const handleSummary = writeSummary;

const STUDENTS = 20;

/** Every call once per student: does the system work at all? */
export const options = optionsOf(
  { smoke: { executor: "shared-iterations", vus: 5, iterations: STUDENTS, maxDuration: "60s" } },
  {
    iterations: [`count==${STUDENTS}`],
    checks: ["rate==1"],
    seats: [`count==${STUDENTS}`],
    ...within("time_to_seat", { p95: 2_000, p99: 5_000 }),
    ...within("http_req_duration", { p95: 2_000, p99: 5_000 }),
  },
);

export default function (): void {
  const turn = exec.scenario.iterationInTest;
  const token = tokens[turn % tokens.length] ?? "";
  const isRead = ({ status }: Answer) => status === 200;
  check(read("/api/lectures", "lectures"), { "the list is read": isRead });
  check(read(`/api/lectures/${lectureId}`, "lecture"), { "the lecture is read": isRead });
  check(read(`/api/lectures/${lectureId}/availability`, "availability"), {
    "what is left is read": isRead,
  });
  const { outcome, rid } = book(token, `smoke-${turn}`);
  check(outcome, { "a seat is confirmed": (told) => told === "confirmed" });
  check(readOwn(token, `/api/reservations/${rid}`, "reservation"), {
    "the reservation is read": isRead,
  });
  cancel(token, rid);
  check(readOwn(token, "/api/me/reservations", "own_reservations"), {
    "it shows as cancelled": (answer) => String(answer.body).includes('"cancelled"'),
  });
}
