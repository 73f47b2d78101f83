import { answer, NOT_STORED } from "./answer.ts";
import type { EdgeContext, Handler } from "./context.ts";

/** Proxies as nginx would keep small events back until their buffer is full, unless they are told not to. */
const STREAM = { "Content-Type": "text/event-stream", ...NOT_STORED, "X-Accel-Buffering": "no" };

/** Answers with server-sent events. */
export function answerEvents(c: EdgeContext, events: string | ReadableStream): Response {
  return answer(c, 200, events, STREAM);
}

/** After how long at least a client comes back that could not be told anything, and how far apart such clients are sent, in milliseconds. */
const COME_BACK_MS = 3_000;
const COME_BACK_SPREAD_MS = 3_000;

/**
 * Puts a handler of events behind what a browser makes of its refusals. A browser's EventSource takes any status but 200 for the end and never
 * asks again. So whoever asks for events is told by an empty stream when to come back, where another client is told 429 or a 5xx. The handler's own
 * answer is what is counted and traced.
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
  const retryMs = Math.max(seconds * 1_000, COME_BACK_MS) + Math.floor(Math.random() * COME_BACK_SPREAD_MS);
  return `retry: ${retryMs}\n: busy\n\n`;
}
