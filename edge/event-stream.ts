import { answer, NOT_STORED } from "./answer.ts";
import type { EdgeContext, Handler } from "./context.ts";

/** nginx and its like keep small events back until a buffer is full, unless a header says no. */
const STREAM = { "Content-Type": "text/event-stream", ...NOT_STORED, "X-Accel-Buffering": "no" };

/** Answers with server-sent events. */
export function answerEvents(c: EdgeContext, events: string | ReadableStream): Response {
  return answer(c, 200, events, STREAM);
}

/**
 * A client that was told nothing comes back after this long, and after a random part of the spread
 * more, in milliseconds.
 */
const COME_BACK_MS = 3_000;
const COME_BACK_SPREAD_MS = 3_000;

/**
 * Sends a browser's EventSource back later where the handler answers 429 or 5xx. An EventSource
 * takes any status but 200 for the end and never asks again, so it gets an empty stream that says
 * when to come back. Other clients get the handler's answer, which is also what metrics and traces
 * show.
 */
export function sendingBack(handle: Handler): Handler {
  return async (c) => {
    const answered = await handle(c);
    if (!mayPass(answered.status) || c.req.method !== "GET" || !asksForEvents(c)) return answered;
    return answerEvents(c, comeBackIn(Number(answered.headers.get("retry-after"))));
  };
}

/** Whether a refusal is one that time may heal. */
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
