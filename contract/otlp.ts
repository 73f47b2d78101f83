import type { TraceParent } from "./trace-parent.ts";

/*
 * Spans as OTLP over HTTP, in JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp), alike for
 * edge, origin and worker. OpenTelemetry's own SDK takes nearly three times the CPU for a span, and
 * would be most of the edge's bundle.
 */

/** A span's role among the spans around it, with OTLP's number. */
const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export type SpanRole = keyof typeof KINDS;

const ERROR = 2;

/** A piece of work that has ended. */
export interface OtlpSpan {
  /** 32 hex digits */
  traceId: string;
  /** 16 hex digits */
  spanId: string;
  /** 16 hex digits; the first span of a trace has none */
  parentSpanId?: string | undefined;
  name: string;
  role: SpanRole;
  /** Unix milliseconds; fractions below a microsecond are dropped */
  startedAtMs: number;
  tookMs: number;
  /** whole numbers and texts; undefined values are left out */
  facts: Readonly<Record<string, string | number | undefined>>;
  /** related spans of other traces */
  links?: readonly Pick<TraceParent, "traceId" | "spanId">[];
  /** the error that ended the work, if any */
  error?: { message?: string } | undefined;
}

/** Writes the body for the collector: spans of one service. */
export function otlpExport(
  service: "edge" | "origin" | "worker",
  spans: readonly OtlpSpan[],
): string {
  const resource = { attributes: attributesOf({ "service.name": `lectern-${service}` }) };
  const scopeSpans = [{ scope: { name: "lectern" }, spans: spans.map(otlpSpan) }];
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] });
}

/** The collector's URL for spans, from the operator's address. */
export function otlpTracesUrl(endpoint: string): string {
  return `${endpoint.replace(/\/$/, "")}/v1/traces`;
}

function otlpSpan(span: OtlpSpan) {
  const {
    traceId,
    spanId,
    parentSpanId,
    name,
    startedAtMs,
    tookMs,
    facts,
    links = [],
    error,
  } = span;
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: KINDS[span.role],
    startTimeUnixNano: nanos(startedAtMs),
    endTimeUnixNano: nanos(startedAtMs + tookMs),
    attributes: attributesOf(facts),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    status: error ? { code: ERROR, ...error } : {},
  };
}

function attributesOf(facts: OtlpSpan["facts"]) {
  return Object.entries(facts).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [
      { key, value: typeof value === "number" ? { intValue: value } : { stringValue: value } },
    ];
  });
}

/** Nanoseconds as text: they do not fit into a number. */
function nanos(ms: number): string {
  return `${Math.floor(ms)}${String(Math.floor((ms % 1) * 1e6)).padStart(6, "0")}`;
}
