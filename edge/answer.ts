import type { EdgeContext } from "./context.ts";

/** For an API of JSON: nothing in an answer may be guessed at, run, framed or read by another site. */
const STANDING = {
  "Strict-Transport-Security": "max-age=15552000",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
};

/** Answers about one user are kept by nobody in between. */
export const NOT_STORED = { "Cache-Control": "no-store" };

/**
 * The one way out: every answer of the edge bears the standing headers and the request's name. They are handed over with the answer and
 * not set on it one by one afterwards, since on workerd each of those leaves JavaScript.
 */
export function answer(
  c: EdgeContext,
  status: number,
  body: string | ReadableStream | null,
  own: Record<string, string>,
): Response {
  // A clone of what is known beforehand, and then what is not: faster than one literal put together from several.
  const headers: Record<string, string> = { ...STANDING };
  headers["X-Request-Id"] = requestIdOf(c);
  for (const name in own) headers[name] = own[name] ?? "";
  const waitMs = c.get("waitMs");
  if (waitMs) headers["Preference-Applied"] = `wait=${waitMs / 1_000}`;
  return new Response(body, { status, headers });
}

/** An answer in JSON. */
export function answerJson(
  c: EdgeContext,
  status: number,
  value: unknown,
  headers: Record<string, string> = NOT_STORED,
): Response {
  return answer(c, status, JSON.stringify(value), { "Content-Type": "application/json", ...headers });
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
