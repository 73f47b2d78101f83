import exec from "k6/execution";
import { book, cancel, read, readOwn } from "./edge.ts";
import { lectureId, tokens } from "./given.ts";

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
