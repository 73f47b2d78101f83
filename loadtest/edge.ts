import { fail, sleep } from "k6";
import http, { type RefinedResponse } from "k6/http";
import { Counter, Trend } from "k6/metrics";
import { edgeUrl, lectureId } from "./given.ts";

type Answer = RefinedResponse<"text">;

/** How an answer is called in the tables: `confirmed`, `pending`, or the code of the refusal. */
export type Outcome = string;

const answers = new Counter("answers");
/** Answers that are none of ours, faults of the server, and no answer at all. */
export const broken = new Counter("broken_answers");
/** Bookings that were told confirmed. */
export const seats = new Counter("seats");
/** From the click to the decision of those who got a seat, and to the last answer of all others. */
export const seatTime = new Trend("time_to_seat", true);
export const refusalTime = new Trend("time_to_refusal", true);

/** How long a student keeps asking, in milliseconds. */
const PATIENCE_MS = 90_000;
const WAIT_S = 10;

/** Answers after which a student tries again. */
const inconclusive = ["pending", "not_ready", "unavailable", "rate_limited", "throttled", "not_open"];

/** Presses the button until there is an answer that settles it, and gives that answer with the reservation's id. */
export function book(token: string, key: string): { outcome: Outcome; rid: string } {
  const startedAtMs = Date.now();
  for (;;) {
    const answer = http.post(`${edgeUrl}/api/lectures/${lectureId}/reservations`, null, {
      headers: { ...bearer(token), "Idempotency-Key": key, Prefer: `wait=${WAIT_S}` },
      tags: { name: "book" },
      timeout: "60s",
      responseType: "text",
    });
    const outcome = outcomeOf(answer, "book");
    if (!inconclusive.includes(outcome)) {
      if (outcome === "confirmed") seats.add(1);
      const took = outcome === "confirmed" ? seatTime : refusalTime;
      took.add(Date.now() - startedAtMs);
      return { outcome, rid: text(answer, "id") };
    }
    if (Date.now() - startedAtMs > PATIENCE_MS) fail(`no decision within ${PATIENCE_MS / 1_000} s`);
    sleep(Number(answer.headers["Retry-After"] ?? 1));
  }
}

/** Gives a seat back and waits until it is free. */
export function cancel(token: string, rid: string): void {
  for (let attempt = 0; attempt < 10; attempt++) {
    const answer = http.del(`${edgeUrl}/api/reservations/${rid}`, null, {
      headers: { ...bearer(token), Prefer: `wait=${WAIT_S}` },
      tags: { name: "cancel" },
      responseType: "text",
    });
    const outcome = outcomeOf(answer, "cancel");
    if (outcome === "cancelled") return;
    sleep(Number(answer.headers["Retry-After"] ?? 1));
  }
}

/** Reads an address that anybody may read. */
export function read(path: string, name: string): Answer {
  const answer = http.get(`${edgeUrl}${path}`, { tags: { name }, responseType: "text" });
  outcomeOf(answer, name);
  return answer;
}

export function readOwn(token: string, path: string, name: string): Answer {
  const answer = http.get(`${edgeUrl}${path}`, {
    headers: bearer(token),
    tags: { name },
    responseType: "text",
  });
  outcomeOf(answer, name);
  return answer;
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function outcomeOf(answer: Answer, call: string): Outcome {
  const outcome = nameOf(answer);
  answers.add(1, { call, outcome });
  if (outcome === "none" || outcome === "unknown" || outcome === "internal") broken.add(1, { call, outcome });
  return outcome;
}

function nameOf(answer: Answer): Outcome {
  if (answer.status === 0) return "none";
  if (answer.status === 304) return "unchanged";
  if (answer.status >= 400) return text(answer, "code") || "unknown";
  const status = text(answer, "status");
  return status === "rejected" ? text(answer, "reason") : status || "read";
}

function text(answer: Answer, field: string): string {
  try {
    const value = answer.json(field);
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}
