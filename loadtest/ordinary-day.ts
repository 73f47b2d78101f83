import exec from "k6/execution";
import { book, cancel, read, readOwn } from "./edge.ts";
import { lectureId, tokens } from "./given.ts";
import { type Bounds, callsWithin, type Thresholds, within } from "./thresholds.ts";

/**
 * An ordinary day: of ten students six read, and four book and read their reservations. One of the
 * four gives the seat back.
 */
export function ordinaryDay(): void {
  const turn = exec.scenario.iterationInTest;
  const token = tokens[turn % tokens.length] ?? "";
  if (turn % 10 < 6) {
    read(`/api/lectures/${lectureId}`, "lecture");
    read(`/api/lectures/${lectureId}/availability`, "availability");
    return;
  }
  const { outcome, rid } = book(token, `day-${turn}`);
  readOwn(token, "/api/me/reservations", "own_reservations");
  if (outcome === "confirmed" && turn % 10 === 9) cancel(token, rid);
}

/** The bounds of an ordinary day: of its reads as given, of its bookings and cancels always. */
export function dayWithin(reads: Bounds): Thresholds {
  const writes = { p95: 500, p99: 1_500 };
  return {
    seats: ["count>0"],
    ...within("time_to_seat", writes),
    ...callsWithin(["availability", "lecture", "own_reservations"], reads),
    ...callsWithin(["cancel"], writes),
  };
}
