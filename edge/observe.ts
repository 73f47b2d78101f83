import { matchedRoutes } from "hono/route";
import type { ClaimAnswer } from "../admission/claim.ts";
import { requestIdOf } from "./answer.ts";
import type { ClaimIntent } from "./claim-intent.ts";
import type { EdgeContext, Handler } from "./context.ts";
import type { EdgeMetrics } from "./metrics.ts";
import type { EdgeTracing } from "./tracing.ts";

/** Metrics and tracing, each only where it is set up. */
export interface Telemetry {
  metrics: EdgeMetrics | undefined;
  tracing: EdgeTracing | undefined;
}

/** Counts every answer of a handler, and sends the span of a recorded request. */
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

/** Notes Redis' answer to a claim: `unknown` if Redis did not answer. */
export function noteClaim(
  c: EdgeContext,
  { metrics, tracing }: Telemetry,
  { rid, lectureId }: ClaimIntent,
  outcome: ClaimAnswer["outcome"] | "unknown",
): void {
  if (metrics) metrics.claims.of(outcome).value += 1;
  if (tracing) c.set("claim", { rid, lectureId, outcome });
}

/** The route that answers, with its method; `none` without a route. */
function routeOf(c: EdgeContext): string {
  const path = matchedRoutes(c)[0]?.path;
  return path === undefined ? "none" : `${c.req.method} ${path}`;
}
