import { randomBytes } from "node:crypto";
import { otlpTracesUrl, type SpanRole } from "../../contract/otlp.ts";
import { readOtlpHeaders } from "../../contract/otlp-headers.ts";
import { type TraceParent, writeTraceParent } from "../../contract/trace-parent.ts";
import type { Counter } from "../metrics/family.ts";
import { openSpanBatches, type SpanBatches } from "./span-batches.ts";

export interface TracingOptions {
  service: "origin" | "worker";
  /** where an OpenTelemetry collector listens, without the path; while it is empty nothing is recorded */
  OTEL_EXPORTER_OTLP_ENDPOINT: string;
  /** what it wants to be told besides: `name=value,name=value`; nothing by default */
  OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
  /** the share of traces begun here that are recorded, from 0 to 1 */
  OTEL_TRACES_SAMPLER_ARG: number;
  /** how long a span waits for others that are sent with it, in milliseconds; 5,000 by default, as OpenTelemetry has it */
  OTEL_BSP_SCHEDULE_DELAY?: number | undefined;
  /** counts the spans that were sent and those that were lost */
  spans: Counter;
}

/**
 * What a span may say. A rid names a reservation to its owner alone; users, tokens and Idempotency-Keys have no place here.
 */
export type SpanFacts = {
  "lectern.rid"?: string;
  "lectern.lecture"?: string;
  "lectern.kind"?: "reserve" | "cancel";
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
  /** other spans that it has to do with */
  links?: TraceParent[];
}

/** A piece of work that is being recorded. */
export interface LiveSpan {
  /** by which others go on from it */
  readonly parent: TraceParent;
  /** the same, as a header holds it */
  readonly header: string;
  /** a part of it */
  begin(name: string, options?: SpanOptions): LiveSpan;
  /** Calls it something else, once that is known. */
  rename(name: string): void;
  /** It is over, well or by an error, of which only the name is told. To be called once. */
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

const SEND_EVERY_MS = 5_000;

/** Records spans and sends them by OTLP over HTTP, in batches every few seconds; undefined where nobody is to take them. */
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

/** Of which trace a span is, and of which span in it a part. */
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
  // The clock may be set while the work goes on, and only its beginning is told by it.
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
