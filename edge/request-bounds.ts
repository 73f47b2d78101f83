import { createMiddleware } from "hono/factory";
import type { EdgeEnv } from "./context.ts";
import { problem } from "./problem.ts";

/** Names the request. A name the client sends is not taken over: it would be in our logs and in those of the origin. */
export const nameRequest = createMiddleware<EdgeEnv>((c, next) => {
  const requestId = crypto.randomUUID();
  c.set("requestId", requestId);
  c.header("X-Request-Id", requestId);
  return next();
});

/** Longer than any address of this API, in characters, with scheme and host. */
const URI_LENGTH_MAX = 2_048;

export const boundUri = createMiddleware<EdgeEnv>(async (c, next) => {
  if (c.req.url.length > URI_LENGTH_MAX) return problem(c, "uri_too_long");
  return next();
});
