import { respond } from "./answer.ts";
import type { EdgeDeps } from "./deps.ts";

/** Headers that pages may send, in addition to those that browsers let every page send. */
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "Prefer",
  "traceparent",
].join(", ");

/** Headers that pages may read, in addition to those that browsers let every page read. */
const RESPONSE_HEADERS = [
  "Allow",
  "Date",
  "ETag",
  "Link",
  "Location",
  "Preference-Applied",
  "Retry-After",
  "WWW-Authenticate",
  "X-Request-Id",
].join(", ");

/** How long a browser may keep a preflight's answer, in seconds. */
const MAX_AGE_S = 600;

type Fetch<Connection> = (request: Request, connection: Connection) => Response | Promise<Response>;

/**
 * Lets pages of the given origins read the app's answers (CORS, in the WHATWG's Fetch standard).
 * They may send the session as Bearer or cookie; the session's rules limit the cookie. Without
 * origins the app is returned unchanged.
 */
export function withCors<Connection>(
  { corsOrigins, isOverTls }: Pick<EdgeDeps, "corsOrigins" | "isOverTls">,
  answer: Fetch<Connection>,
): Fetch<Connection> {
  if (corsOrigins.length === 0) return answer;
  const allowed = new Set(corsOrigins);
  return async (request, connection) => {
    const origin = request.headers.get("origin");
    if (origin === null || !allowed.has(origin)) return varying(await answer(request, connection));
    return isPreflight(request)
      ? answerPreflight(origin, isOverTls(request.url, request.headers))
      : readable(varying(await answer(request, connection)), origin);
  };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("access-control-request-method");
}

function answerPreflight(origin: string, overTls: boolean): Response {
  return respond({ requestId: crypto.randomUUID(), isOverTls: overTls }, null, 204, {
    ...allowing(origin),
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": REQUEST_HEADERS,
    "Access-Control-Max-Age": String(MAX_AGE_S),
    Vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
  });
}

/** Answers differ by origin, and caches must know. */
function varying(answer: Response): Response {
  answer.headers.append("Vary", "Origin");
  return answer;
}

function readable(answer: Response, origin: string): Response {
  for (const [name, value] of Object.entries(allowing(origin))) answer.headers.set(name, value);
  answer.headers.set("Access-Control-Expose-Headers", RESPONSE_HEADERS);
  return answer;
}

function allowing(origin: string): Record<string, string> {
  return { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" };
}
