import * as z from "zod";

/**
 * What origin and worker are told about telemetry. The names beginning with OTEL are OpenTelemetry's own, and its SDK reads others of them by
 * itself, such as OTEL_EXPORTER_OTLP_HEADERS.
 */
export const telemetrySettings = {
  /** 0 counts nothing, and then there is no /metrics */
  METRICS: z.enum(["0", "1"]).default("1"),
  /** where traces are sent over HTTP, without the path /v1/traces; while it is empty nothing is traced */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.union([z.literal(""), z.url({ protocol: /^https?$/ })]).default(""),
  /** the share of requests that are traced, where the edge has not decided it: 0 to 1 */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(0.01),
};
