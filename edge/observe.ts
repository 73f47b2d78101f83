import { matchedRoutes } from "hono/route";
import type { ClaimAnswer } from "../admission/claim.ts";
import { requestIdOf } from "./answer.ts";
import type { ClaimIntent } from "./claim-intent.ts";
import type { EdgeContext, Handler } from "./context.ts";
import type { EdgeMetrics } from "./metrics.ts";
import type { EdgeTracing } from "./tracing.ts";

/** What is counted and traced, each only where it is set up. */
export interface Telemetry {
  metrics: EdgeMetrics | undefined;
  tracing: EdgeTracing | undefined;
}

/** Counts every answer of a handler, and sends the span of a request that is recorded. */
export function observe({ metrics, tracing }: Telemetry): (handle: Handler) => Handler {
  return (handle) => async (c) => {
    const startedMs = performance.now();
    const answer = await handle(c);
    const tookMs = performance.now() - startedMs;
    const { status } = answer;
    if (metrics) {
      metrics.requests.of(routeOf(c), String(status), c.get("code") ?? "ok").value += 1;
      metrics.seconds.observe(tookMs / 1_000);
    }
    if (tracing?.records(requestIdOf(c))) tracing.send(c, { route: routeOf(c), status, tookMs });
    return answer;
  };
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

/** The route that answers, with its method; `none` where there is none for the request. */
function routeOf(c: EdgeContext): string {
  const path = matchedRoutes(c)[0]?.path;
  return path === undefined ? "none" : `${c.req.method} ${path}`;
}
