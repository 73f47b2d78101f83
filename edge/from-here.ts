import type { Handler } from "./context.ts";
import { cameOverTls } from "./over-tls.ts";
import { problem } from "./problem.ts";
import { sentFrom } from "./sent-from.ts";
import { bearsSessionCookie } from "./session-cookie.ts";

/** Puts signing in or out behind a check of where the request was sent from: no page of another
 * origin may sign a student out, or in as somebody else. A client that tells no origin is no
 * browser; its request passes if it bears no session's cookie.
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
