import type { Handler } from "./context.ts";
import { cameOverTls } from "./over-tls.ts";
import { problem } from "./problem.ts";
import { sentFrom } from "./sent-from.ts";
import { bearsSessionCookie } from "./session-cookie.ts";

/**
 * Puts a handler that changes what the browser keeps behind the question where the request was sent from: no page of another origin may sign a
 * student out, or in as somebody else. Where nobody tells, as outside of browsers, only a request without a session's cookie is heard.
 */
export function fromHere(handle: Handler): Handler {
  return (c) => {
    const { headers } = c.req.raw;
    const from = sentFrom(c.req.url, headers, cameOverTls(c));
    const isHeard = from === "here" || (from === "untold" && !bearsSessionCookie(headers.get("cookie")));
    return isHeard ? handle(c) : problem(c, "cross_origin");
  };
}
