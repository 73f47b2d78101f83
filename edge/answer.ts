import type { EdgeContext } from "./context.ts";
import { cameOverTls } from "./over-tls.ts";
import { type Answered, respondAlike } from "./respond-alike.ts";

/** Answers about one user are kept by nobody in between. */
export const NOT_STORED = { "Cache-Control": "no-store" };

/**
 * What every answer bears: its request's name, and since this is an API of JSON, that nothing in it
 * may be guessed at, run, framed or read by another site. One literal, to which others are added:
 * V8 takes longer for an object put together from several. Over HTTPS the browser is told to come
 * by HTTPS from now on; over plain HTTP it must not heed that (RFC 6797, 7.2), and the stack of one
 * machine has nothing else.
 */
export function standingHeaders({ requestId, isOverTls }: Answered): Record<string, string> {
  const headers: Record<string, string> = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": requestId,
  };
  if (isOverTls) headers["Strict-Transport-Security"] = "max-age=15552000";
  return headers;
}

/** Answers a request that is not on its way through the app. */
export const respond = respondAlike(standingHeaders);

/** Tells the client how long was waited for a decision (RFC 7240), given in milliseconds. */
export function preferenceApplied(
  waitedMs: number | undefined,
): Record<string, string> | undefined {
  return waitedMs ? { "Preference-Applied": `wait=${waitedMs / 1_000}` } : undefined;
}

/** Answers a request that is on its way through the app. */
export function answer(
  c: EdgeContext,
  status: number,
  body: string | ReadableStream | null,
  own: Record<string, string>,
): Response {
  const applied = preferenceApplied(c.get("waitedMs"));
  const request = { requestId: requestIdOf(c), isOverTls: cameOverTls(c) };
  return respond(request, body, status, applied ? { ...own, ...applied } : own);
}

/** An answer in JSON. */
export function answerJson(
  c: EdgeContext,
  status: number,
  value: unknown,
  headers: Record<string, string> = NOT_STORED,
): Response {
  return answer(c, status, JSON.stringify(value), {
    "Content-Type": "application/json",
    ...headers,
  });
}

/**
 * The request's name, told to the origin, to the client and in the log. A name the client sends is not taken over: it would be in our
 * logs and in those of the origin.
 */
export function requestIdOf(c: EdgeContext): string {
  const known = c.get("requestId");
  if (known) return known;
  const requestId = crypto.randomUUID();
  c.set("requestId", requestId);
  return requestId;
}
