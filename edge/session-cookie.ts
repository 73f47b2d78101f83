import { generateCookie } from "hono/cookie";
import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from "../contract/session.ts";

/**
 * The session's token in a request's cookies. Over HTTPS the cookie's name begins with `__Host-`,
 * and a browser accepts such a cookie from this host only. A sibling domain can set a cookie of any
 * other name for the parent domain, and plant its own session.
 *
 * @returns undefined without such a cookie, and with two cookies of a session's name: a sibling
 * domain may have set either
 */
export function tokenInCookies(cookies: string | null, isOverTls: boolean): string | undefined {
  if (cookies === null) return undefined;
  let count = 0;
  let token: string | undefined;
  for (const [name, value] of sessionCookies(cookies)) {
    if (name === SECURE_SESSION_COOKIE && !isOverTls) continue;
    count += 1;
    if (name === nameOf(isOverTls)) token = value;
  }
  return count === 1 ? token : undefined;
}

/** Whether a session cookie of either name came, genuine or not. */
export function bearsSessionCookie(cookies: string | null): boolean {
  return cookies !== null && sessionCookies(cookies).length > 0;
}

function nameOf(isOverTls: boolean): string {
  return isOverTls ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
}

function sessionCookies(cookies: string): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (const pair of cookies.split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (name === SESSION_COOKIE || name === SECURE_SESSION_COOKIE)
      found.push([name, pair.slice(at + 1).trim()]);
  }
  return found;
}

/**
 * The cookies that make a browser keep a session. No script reads the session cookie, and no other
 * site sends it along.
 *
 * @param maxAgeS how long, in seconds; 0 forgets it, undefined keeps it until the browser is closed
 */
export function keepSession(
  token: string,
  maxAgeS: number | undefined,
  isOverTls: boolean,
): string[] {
  const attributes = {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: isOverTls,
    ...(maxAgeS !== undefined && { maxAge: maxAgeS }),
  } as const;
  if (!isOverTls) return [generateCookie(SESSION_COOKIE, token, attributes)];
  // A cookie of the plain name beside it would be a second one, and two are refused.
  return [
    generateCookie(SECURE_SESSION_COOKIE, token, attributes),
    generateCookie(SESSION_COOKIE, "", { ...attributes, maxAge: 0 }),
  ];
}

/** The cookies that make a browser forget its session. */
export function forgetSession(isOverTls: boolean): string[] {
  return keepSession("", 0, isOverTls);
}

/** Adds cookies to an answer, each on its own line. */
export function withCookies(answer: Response, cookies: string[]): Response {
  for (const cookie of cookies) answer.headers.append("Set-Cookie", cookie);
  return answer;
}
