import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { REQUEST_ID_HEADER, readTraceParent, TRACEPARENT } from "../contract/trace-parent.ts";
import type { OriginEnv } from "./context.ts";
import type { OriginDeps } from "./deps.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Continues the edge's trace, or begins one if the edge has none. Belongs after the check of the
 * signature: the headers are not signed, but only a sender of signed requests can set them.
 */
export function traceRequest({ tracing }: OriginDeps) {
  return createMiddleware<OriginEnv>(async (c, next) => {
    const requestId = c.req.header(REQUEST_ID_HEADER);
    const ids = requestId !== undefined && UUID.test(requestId) ? { requestId } : {};
    const parent = tracing && readTraceParent(c.req.header(TRACEPARENT));
    const span = tracing?.goOn(parent, c.req.method, { role: "server" });
    c.set("trace", span ? { ids: { ...ids, traceId: span.parent.traceId }, span } : { ids });
    await next();
    if (!span) return;
    const route = routeOf(c);
    span.rename(route);
    span.end({ "http.route": route, "http.response.status_code": c.res.status }, c.error);
  });
}

/** Counts every answer of the app. */
export function countAnswers({ metrics }: OriginDeps) {
  return createMiddleware<OriginEnv>(async (c, next) => {
    await next();
    metrics?.answered(routeOf(c), c.res.status, c.get("code") ?? "ok");
  });
}

/** Routes without parameters that have answered so far. No path made up by a client stays here. */
const plainRoutes = new Map<string, string>();

/**
 * The route that answered, with its method; `none` if no route was reached. Hono lists all matching
 * routes to name one, which would cost more than all the counting.
 */
export function routeOf(c: Context): string {
  const { method, path, routeIndex } = c.req;
  const asked = `${routeIndex} ${method} ${path}`;
  const known = plainRoutes.get(asked);
  if (known !== undefined) return known;
  const pattern = matchedRoutes(c)[routeIndex]?.path ?? "/*";
  if (pattern === "/*") return "none";
  const route = `${method} ${pattern}`;
  if (pattern === path) plainRoutes.set(asked, route);
  return route;
}
