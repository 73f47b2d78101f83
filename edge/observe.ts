import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import type { ClaimAnswer } from "../admission/claim.ts";
import { requestIdOf } from "./answer.ts";
import type { ClaimIntent } from "./claim-intent.ts";
import type { EdgeContext, EdgeEnv } from "./context.ts";
import type { EdgeMetrics } from "./metrics.ts";
import type { EdgeTracing } from "./tracing.ts";

/** What is counted and traced, each only where it is set up. */
export interface Telemetry {
  metrics: EdgeMetrics | undefined;
  tracing: EdgeTracing | undefined;
}

/** Counts every answer of what stands behind it, and sends the span of a request that is recorded. */
export function observe({ metrics, tracing }: Telemetry) {
  return createMiddleware<EdgeEnv>(async (c, next) => {
    const startedMs = performance.now();
    await next();
    const tookMs = performance.now() - startedMs;
    const { status } = c.res;
    if (metrics) {
      metrics.requests.of(routeOf(c), String(status), c.get("code") ?? "ok").value += 1;
      metrics.seconds.observe(tookMs / 1_000);
    }
    if (tracing?.records(requestIdOf(c))) tracing.send(c, { route: routeOf(c), status, tookMs });
  });
}

/** Takes note of what Redis answered to a claim; `unknown` where it did not, nothing where it was not asked. */
export function noteClaim(
  c: EdgeContext,
  { metrics, tracing }: Telemetry,
  { rid, lectureId }: ClaimIntent,
  outcome: ClaimAnswer["outcome"] | "unknown" | undefined,
): void {
  if (outcome === undefined) return;
  if (metrics) metrics.claims.of(outcome).value += 1;
  if (tracing) c.set("claim", { rid, lectureId, outcome });
}

/** The route that answered, with its method; `none` where the request did not come as far. */
function routeOf(c: EdgeContext): string {
  const path = matchedRoutes(c)[c.req.routeIndex]?.path ?? "/*";
  return path === "/*" ? "none" : `${c.req.method} ${path}`;
}
