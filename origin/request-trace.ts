import type { LiveSpan } from "../runtime/telemetry/tracing.ts";

/** The ids of a request in logs and traces. */
export interface RequestTrace {
  /** for log lines: the edge's name of the request, and its trace if it is recorded */
  ids: { requestId?: string; traceId?: string };
  /** the request's span, if the request is recorded */
  span?: LiveSpan;
}

/** A request without a name and without a record. */
export const UNTRACED: RequestTrace = { ids: {} };
