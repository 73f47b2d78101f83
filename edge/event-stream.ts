import { answer, NOT_STORED } from "./answer.ts";
import type { EdgeContext, Handler } from "./context.ts";

/**
 * nginx and similar proxies hold small events back until a buffer is full, unless a header says no.
 */
const STREAM = { "Content-Type": "text/event-stream", ...NOT_STORED, "X-Accel-Buffering": "no" };

export function answerEvents(c: EdgeContext, events: string | ReadableStream): Response {
  return answer(c, 200, events, STREAM);
}

/** How soon a client without an event comes back, and the random spread on top, in milliseconds. */
const COME_BACK_MS = 3_000;
const COME_BACK_SPREAD_MS = 3_000;

/**
 * Sends a browser's EventSource back later if the handler answers 429 or 5xx. At any status but 200
 * an EventSource ends and never asks again. It gets an empty stream with the time of its return.
 * Other clients, metrics and traces see the handler's answer.
 */
export function sendingBack(handle: Handler): Handler {
  return async (c) => {
    const answered = await handle(c);
    if (!mayPass(answered.status) || c.req.method !== "GET" || !asksForEvents(c)) return answered;
    return answerEvents(c, comeBackIn(Number(answered.headers.get("retry-after"))));
  };
}

/** Whether time may heal a refusal. */
function mayPass(status: number): boolean {
  return status === 429 || status >= 500;
}

function asksForEvents(c: EdgeContext): boolean {
  return /(?:^|,)\s*text\/event-stream\s*(?:;|,|$)/i.test(c.req.header("accept") ?? "");
}

function comeBackIn(seconds: number): string {
  const retryMs =
    Math.max(seconds * 1_000, COME_BACK_MS) + Math.floor(Math.random() * COME_BACK_SPREAD_MS);
  return `retry: ${retryMs}\n: busy\n\n`;
}
