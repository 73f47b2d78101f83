import type { LiveSpan } from "../runtime/telemetry/tracing.ts";

/** By what a request is found in logs and traces. */
export interface RequestTrace {
  /** for log lines: the edge's name of the request, and its trace where it is recorded */
  ids: { requestId?: string; traceId?: string };
  /** where the request is recorded */
  span?: LiveSpan;
}

/** A request that nobody named and nobody records. */
export const UNTRACED: RequestTrace = { ids: {} };
