import { createMiddleware } from "hono/factory";
import { readBody } from "../contract/request-body.ts";
import type { EdgeEnv } from "./context.ts";
import { problem } from "./problem.ts";

/** Longer than any address of this API, in characters, with scheme and host. */
const URI_LENGTH_MAX = 2_048;

/** What no host has in its name; some servers put it before the path as it came, where it would name another address. */
const NO_HOST = /[^A-Za-z0-9._~:[\]%-]/;

export const boundUri = createMiddleware<EdgeEnv>(async (c, next) => {
  if (NO_HOST.test(c.req.header("Host") ?? "")) return problem(c, "invalid_request");
  if (c.req.url.length > URI_LENGTH_MAX) return problem(c, "uri_too_long");
  return next();
});

/** No request to this API has anything long to say. */
const BODY_BYTES_MAX = 16 * 1_024;

/** Reads the body, of whatever request has one, in at most `withinMs`. */
export function boundBody(withinMs: number) {
  return createMiddleware<EdgeEnv>(async (c, next) => {
    const read = await readBody(c.req.raw, { maxBytes: BODY_BYTES_MAX, withinMs });
    if (read.outcome === "too_large") return problem(c, "body_too_large");
    if (read.outcome === "incomplete")
      return problem(c, "body_incomplete", { headers: { Connection: "close" } });
    c.set("body", read.bytes);
    return next();
  });
}

/** When those who found no room may come back at the earliest, in milliseconds: late enough not to be a rush of its own. */
const ROOM_AGAIN_MS = 5_000;

/**
 * Refuses what comes while `max` requests are being worked on, at once and for next to nothing, so that those are
 * answered before they time out. The refused come back a little later. A stream counts until it begins.
 */
export function boundInFlight(max: number) {
  let inFlight = 0;
  return createMiddleware<EdgeEnv>(async (c, next) => {
    if (inFlight >= max) return problem(c, "unavailable", { retryAfterMs: ROOM_AGAIN_MS });
    let isCounted = true;
    inFlight += 1;
    const leave = () => {
      if (isCounted) inFlight -= 1;
      isCounted = false;
    };
    // When its client has left, a Worker ends a request without coming by the `finally`.
    c.req.raw.signal.addEventListener("abort", leave);
    try {
      await next();
    } finally {
      leave();
    }
  });
}
