import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { type TraceParent, writeTraceParent } from "../contract/trace-parent.ts";
import type { Counter } from "../metrics/family.ts";

export interface TracingOptions {
  service: "origin" | "worker";
  /** where an OpenTelemetry collector listens, without the path; while it is empty nothing is recorded */
  OTEL_EXPORTER_OTLP_ENDPOINT: string;
  /** the share of traces begun here that are recorded, from 0 to 1 */
  OTEL_TRACES_SAMPLER_ARG: number;
  /** counts the spans that were sent and those that were lost */
  spans: Counter;
}

/**
 * What a span may say. A rid names a reservation to its owner alone; users, tokens and Idempotency-Keys have no place here.
 */
export interface SpanFacts {
  "lectern.rid"?: string;
  "lectern.lecture"?: string;
  "lectern.kind"?: "reserve" | "cancel";
  "lectern.outcome"?: string;
  "lectern.commands"?: number;
  "http.request.method"?: string;
  "http.route"?: string;
  "http.response.status_code"?: number;
}

export type SpanRole = "server" | "client" | "producer" | "consumer" | "internal";

export interface SpanOptions {
  role?: SpanRole;
  facts?: SpanFacts;
  /** Unix milliseconds; now by default */
  startedAtMs?: number;
  /** other spans that it has to do with */
  links?: TraceParent[];
}

/** A piece of work that is being recorded. */
export interface LiveSpan {
  /** by which others go on from it */
  parent: TraceParent;
  /** the same, as a header holds it */
  header: string;
  /** a part of it */
  begin(name: string, options?: SpanOptions): LiveSpan;
  /** Calls it something else, once that is known. */
  rename(name: string): void;
  /** It is over, well or by an error, of which only the name is told. */
  end(facts?: SpanFacts, error?: unknown): void;
}

export interface Tracing {
  /** Goes on from a span elsewhere where there is one that is recorded, else draws whether to begin a trace; undefined where nothing is recorded. */
  goOn(parent: TraceParent | undefined, name: string, options?: SpanOptions): LiveSpan | undefined;
  /** Begins a trace that is recorded in any case: about others that are, say. */
  begin(name: string, options?: SpanOptions): LiveSpan;
  /** Sends what is there, for a few seconds at most. Never rejects. */
  close(): Promise<void>;
}

const roles: Record<SpanRole, SpanKind> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/** How long a collector may take, in milliseconds; what it does not take in time is lost, and nobody waits for it. */
const EXPORT_WITHIN_MS = 5_000;

/** Records spans and sends them by OTLP over HTTP, in batches every few seconds; undefined where nobody is to take them. */
export function openTracing(options: TracingOptions): Tracing | undefined {
  const { service, spans } = options;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio } = options;
  if (endpoint === "") return undefined;
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  const exporter = counted(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_WITHIN_MS }), spans);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": `lectern-${service}` }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_WITHIN_MS })],
  });
  const tracer = provider.getTracer("lectern");
  return {
    goOn(parent, name, options) {
      if (parent ? !parent.sampled : Math.random() >= ratio) return undefined;
      return live(tracer, begin(tracer, name, parent && contextOf(parent), options));
    },
    begin: (name, options) => live(tracer, begin(tracer, name, undefined, options)),
    close: () => provider.shutdown().catch(() => {}),
  };
}

function begin(
  tracer: Tracer,
  name: string,
  parent: SpanContext | undefined,
  { role = "internal", facts, startedAtMs, links = [] }: SpanOptions = {},
): Span {
  const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  const options = {
    kind: roles[role],
    links: links.map((link) => ({ context: contextOf(link) })),
    ...(facts && { attributes: attributesOf(facts) }),
    ...(startedAtMs !== undefined && { startTime: startedAtMs }),
  };
  return tracer.startSpan(name, options, context);
}

function live(tracer: Tracer, span: Span): LiveSpan {
  const { traceId, spanId } = span.spanContext();
  const parent = { traceId, spanId, sampled: true };
  return {
    parent,
    header: writeTraceParent(parent),
    begin: (name, options) => live(tracer, begin(tracer, name, span.spanContext(), options)),
    rename(name) {
      span.updateName(name);
    },
    end(facts, error) {
      if (facts) span.setAttributes(attributesOf(facts));
      if (error !== undefined) {
        span.setStatus({
          code: SpanStatusCode.ERROR,
          message: error instanceof Error ? error.name : typeof error,
        });
      }
      span.end();
    },
  };
}

/** The same, as OpenTelemetry's types have it. */
function attributesOf(facts: SpanFacts): Attributes {
  return { ...facts };
}

/** A span of another process. */
function contextOf({ traceId, spanId }: TraceParent): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

function counted(exporter: SpanExporter, spans: Counter): SpanExporter {
  const sent = spans.of("sent");
  const lost = spans.of("lost");
  return {
    export: (batch, onEnd) =>
      exporter.export(batch, (result) => {
        (result.code === 0 ? sent : lost).value += batch.length;
        onEnd(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
