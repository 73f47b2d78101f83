/**
 * W3C trace context (https://www.w3.org/TR/trace-context/): the trace of a request or a message. It
 * travels in this header from edge to origin, and in a header of the RabbitMQ message to the
 * worker. It is no part of a command, decides nothing and is not signed. A missing or malformed
 * header means no trace, and nothing else.
 */
export const TRACEPARENT = "traceparent";

/** The edge's name of the request, a UUID. Without dashes it is the id of the request's trace. */
export const REQUEST_ID_HEADER = "X-Request-Id";

/** A span, as seen by the work that continues from it. */
export interface TraceParent {
  /** 32 hex digits */
  traceId: string;
  /** 16 hex digits */
  spanId: string;
  /** whether the trace is recorded */
  sampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/;
const NOTHING = /^0+$/;

/**
 * Reads a traceparent; undefined for any other value. A later version of the form may append more
 * fields.
 */
export function readTraceParent(text: unknown): TraceParent | undefined {
  const parts = typeof text === "string" ? FORM.exec(text) : null;
  if (!parts) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", rest] = parts;
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (NOTHING.test(traceId) || NOTHING.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceParent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
