import type { TraceParent } from "../contract/trace-parent.ts";

export interface EdgeSpan {
  traceId: string;
  spanId: string;
  route: string;
  status: number;
  tookMs: number;
  /** Unix milliseconds */
  endedAtMs: number;
  /** a trace of somebody else that this one has to do with */
  link: TraceParent | undefined;
  facts: Record<string, string | number | undefined>;
}

const SERVER = 2;
const ERROR = 2;

/** The span of one request as a collector takes it: OTLP in JSON. OpenTelemetry's own exporters would be most of the edge's bundle. */
export function otlpSpan({
  traceId,
  spanId,
  route,
  status,
  tookMs,
  endedAtMs,
  link,
  facts,
}: EdgeSpan): string {
  const span = {
    traceId,
    spanId,
    name: route,
    kind: SERVER,
    startTimeUnixNano: nanos(endedAtMs - tookMs),
    endTimeUnixNano: nanos(endedAtMs),
    attributes: attributesOf(facts),
    links: link ? [{ traceId: link.traceId, spanId: link.spanId }] : [],
    status: status >= 500 ? { code: ERROR } : {},
  };
  const resource = { attributes: attributesOf({ "service.name": "lectern-edge" }) };
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "lectern" }, spans: [span] }] }],
  });
}

function attributesOf(facts: EdgeSpan["facts"]) {
  return Object.entries(facts).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === "number" ? { intValue: value } : { stringValue: value } }];
  });
}

/** Nanoseconds do not fit into a number. */
function nanos(ms: number): string {
  return `${Math.floor(ms)}${String(Math.floor((ms % 1) * 1e6)).padStart(6, "0")}`;
}
