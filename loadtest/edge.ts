import { sleep } from "k6";
import http from "k6/http";
import { Counter, Trend } from "k6/metrics";
import { edgeUrl, lectureId } from "./given.ts";
import { type Answer, isSettled, type Outcome, outcomeOf, textOf } from "./outcomes.ts";

/** Bookings that were answered `confirmed`. */
const seats = new Counter("seats");
/** Students who went away without a final answer. */
const gaveUp = new Counter("gave_up");
/**
 * From the click to the decision for a seat, and to the refusal without a seat, in milliseconds.
 */
const seatTime = new Trend("time_to_seat", true);
const refusalTime = new Trend("time_to_refusal", true);

/** How long a student keeps asking, in milliseconds. */
const PATIENCE_MS = 60_000;
/** How long the edge may hold a click for its decision, in seconds. */
const WAIT_S = 10;
const CANCELS_MAX = 10;

/**
 * Presses the button with the same key until an answer settles it. Returns its outcome and the
 * reservation's id, or an empty id after PATIENCE_MS.
 */
export function book(token: string, key: string): { outcome: Outcome; rid: string } {
  const startedAtMs = Date.now();
  for (;;) {
    const answer = http.post(`${edgeUrl}/api/lectures/${lectureId}/reservations`, null, {
      headers: { ...bearer(token), "Idempotency-Key": key, Prefer: `wait=${WAIT_S}` },
      tags: { name: "book" },
      timeout: "30s",
      responseType: "text",
    });
    const outcome = outcomeOf(answer, "book");
    const tookMs = Date.now() - startedAtMs;
    if (isSettled(outcome)) {
      if (outcome === "confirmed") seats.add(1);
      (outcome === "confirmed" ? seatTime : refusalTime).add(tookMs);
      return { outcome, rid: textOf(answer, "id") };
    }
    if (tookMs > PATIENCE_MS) {
      gaveUp.add(1);
      return { outcome, rid: "" };
    }
    sleep(retryAfterS(answer));
  }
}

/** Gives a seat back and waits until it is free. */
export function cancel(token: string, rid: string): void {
  for (let attempt = 0; attempt < CANCELS_MAX; attempt++) {
    const answer = http.del(`${edgeUrl}/api/reservations/${rid}`, null, {
      headers: { ...bearer(token), Prefer: `wait=${WAIT_S}` },
      tags: { name: "cancel" },
      responseType: "text",
    });
    if (outcomeOf(answer, "cancel") === "cancelled") return;
    sleep(retryAfterS(answer));
  }
  gaveUp.add(1);
}

/** Reads a public address. */
export function read(path: string, name: string): Answer {
  return get(path, name, {});
}

export function readOwn(token: string, path: string, name: string): Answer {
  return get(path, name, bearer(token));
}

function get(path: string, name: string, headers: Record<string, string>): Answer {
  const answer = http.get(`${edgeUrl}${path}`, { headers, tags: { name }, responseType: "text" });
  outcomeOf(answer, name);
  return answer;
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function retryAfterS(answer: Answer): number {
  return Number(answer.headers["Retry-After"] ?? 1);
}
