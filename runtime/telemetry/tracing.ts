import { randomBytes } from "node:crypto";
import { otlpTracesUrl, type SpanRole } from "../../contract/otlp.ts";
import { readOtlpHeaders } from "../../contract/otlp-headers.ts";
import { type TraceParent, writeTraceParent } from "../../contract/trace-parent.ts";
import type { Counter } from "../metrics/family.ts";
import { openSpanBatches, type SpanBatches } from "./span-batches.ts";

export interface TracingOptions {
  service: "origin" | "worker";
  /** where an OpenTelemetry collector listens, without the path; empty records nothing */
  OTEL_EXPORTER_OTLP_ENDPOINT: string;
  /** headers for the collector: `name=value,name=value`; none by default */
  OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
  /** the share of traces begun here that are recorded, from 0 to 1 */
  OTEL_TRACES_SAMPLER_ARG: number;
  /**
   * how long a span waits to be sent with others, in milliseconds; 5,000 by default, as in
   * OpenTelemetry
   */
  OTEL_BSP_SCHEDULE_DELAY?: number | undefined;
  /** counts sent and lost spans */
  spans: Counter;
}

/**
 * The facts of a span. A rid names a reservation to its owner alone. Users, tokens and
 * Idempotency-Keys have no place here.
 */
export type SpanFacts = {
  "lectern.rid"?: string;
  "lectern.lecture"?: string;
  "lectern.kind"?: "reserve" | "cancel" | "amend";
  "lectern.outcome"?: string;
  "lectern.commands"?: number;
  "http.request.method"?: string;
  "http.route"?: string;
  "http.response.status_code"?: number;
};

export interface SpanOptions {
  /** internal by default */
  role?: SpanRole;
  facts?: SpanFacts;
  /** related spans */
  links?: TraceParent[];
}

/** A piece of work that is being recorded. */
export interface LiveSpan {
  /** the parent for spans that continue this one */
  readonly parent: TraceParent;
  /** the parent as a `traceparent` header */
  readonly header: string;
  /** Begins a child span. */
  begin(name: string, options?: SpanOptions): LiveSpan;
  /** Changes the name, once a better one is known. */
  rename(name: string): void;
  /** Ends the span. Only the name of an error is recorded. To be called once. */
  end(facts?: SpanFacts, error?: unknown): void;
}

export interface Tracing {
  /**
   * Continues a recorded span of another process. Without a parent, draws whether to begin a trace.
   * Gives undefined where nothing is recorded.
   */
  goOn(parent: TraceParent | undefined, name: string, options?: SpanOptions): LiveSpan | undefined;
  /** Begins a trace that is always recorded, for example one with links to recorded traces. */
  begin(name: string, options?: SpanOptions): LiveSpan;
  /** Sends the held spans, for a few seconds at most. Never rejects. */
  close(): Promise<void>;
}

const SEND_EVERY_MS = 5_000;

/**
 * Records spans and sends them by OTLP over HTTP, in batches every few seconds. Gives undefined
 * where no collector is set.
 */
export function openTracing(options: TracingOptions): Tracing | undefined {
  const { service, spans, OTEL_TRACES_SAMPLER_ARG: ratio } = options;
  if (options.OTEL_EXPORTER_OTLP_ENDPOINT === "") return undefined;
  const batches = openSpanBatches({
    url: otlpTracesUrl(options.OTEL_EXPORTER_OTLP_ENDPOINT),
    headers: readOtlpHeaders(options.OTEL_EXPORTER_OTLP_HEADERS ?? ""),
    service,
    everyMs: options.OTEL_BSP_SCHEDULE_DELAY ?? SEND_EVERY_MS,
    spans,
  });
  return {
    goOn(parent, name, options) {
      if (parent ? !parent.sampled : Math.random() >= ratio) return undefined;
      return beginSpan(batches, parent ?? newTrace(), name, options);
    },
    begin: (name, options) => beginSpan(batches, newTrace(), name, options),
    close: () => batches.close(),
  };
}

/** The trace of a span, and its parent span. */
interface Place {
  traceId: string;
  spanId?: string;
}

function newTrace(): Place {
  return { traceId: randomBytes(16).toString("hex") };
}

function beginSpan(
  batches: SpanBatches,
  place: Place,
  name: string,
  options: SpanOptions = {},
): LiveSpan {
  const { role = "internal", facts, links } = options;
  const parent = { traceId: place.traceId, spanId: randomBytes(8).toString("hex"), sampled: true };
  // The clock may be set during the work, so it gives only the beginning.
  const startedAtMs = Date.now();
  const startedMs = performance.now();
  let called = name;
  return {
    parent,
    get header() {
      return writeTraceParent(parent);
    },
    begin: (name, options) => beginSpan(batches, parent, name, options),
    rename(name) {
      called = name;
    },
    end(more, error) {
      batches.add({
        traceId: parent.traceId,
        spanId: parent.spanId,
        parentSpanId: place.spanId,
        name: called,
        role,
        startedAtMs,
        tookMs: performance.now() - startedMs,
        facts: { ...facts, ...more },
        ...(links && { links }),
        error: error === undefined ? undefined : { message: nameOf(error) },
      });
    },
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
