import type { Handler } from "./context.ts";
import { cameOverTls } from "./over-tls.ts";
import { problem } from "./problem.ts";
import { sentFrom } from "./sent-from.ts";
import { bearsSessionCookie } from "./session-cookie.ts";

/**
 * Puts sign-in or sign-out behind a check of the sending page. No page of another origin may sign a
 * student out, or in as somebody else. A client that names no origin is no browser: it passes if it
 * bears no session cookie.
 */
export function fromHere(handle: Handler): Handler {
  return (c) => {
    const { headers } = c.req.raw;
    const from = sentFrom(c.req.url, headers, cameOverTls(c));
    const isHeard =
      from === "here" || (from === "untold" && !bearsSessionCookie(headers.get("cookie")));
    return isHeard ? handle(c) : problem(c, "cross_origin");
  };
}
