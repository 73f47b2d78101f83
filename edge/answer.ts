import type { EdgeContext } from "./context.ts";
import { cameOverTls } from "./over-tls.ts";
import { type Answered, respondAlike } from "./respond-alike.ts";

/** No cache keeps answers about one user. */
export const NOT_STORED = { "Cache-Control": "no-store" };

/**
 * The headers of every answer: the request's name, and the protection of a JSON API. Browsers may
 * not guess its type, run it, frame it or show it to another site.
 *
 * One literal with later additions: V8 takes longer for an object assembled from several. HSTS goes
 * out over HTTPS only. Over HTTP browsers must ignore it (RFC 6797, 7.2), and the stack of one
 * machine has only HTTP.
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

/** Answers a request outside the Hono app. */
export const respond = respondAlike(standingHeaders);

/** Reports the wait for a decision (RFC 7240), given in milliseconds; undefined without a wait. */
export function preferenceApplied(
  waitedMs: number | undefined,
): Record<string, string> | undefined {
  return waitedMs ? { "Preference-Applied": `wait=${waitedMs / 1_000}` } : undefined;
}

/** Answers a request inside the Hono app. */
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
 * The request's name for the origin, the client and the log. A client's own name is not taken over:
 * it would enter the logs of edge and origin.
 */
export function requestIdOf(c: EdgeContext): string {
  const known = c.get("requestId");
  if (known) return known;
  const requestId = crypto.randomUUID();
  c.set("requestId", requestId);
  return requestId;
}
