import * as z from "zod";
import { areOtlpHeaders } from "../../contract/otlp-headers.ts";

/**
 * The telemetry settings of origin and worker. Names with OTEL are OpenTelemetry's own and keep
 * their meaning.
 */
export const telemetrySettings = {
  /** 0 counts nothing, and there is no /metrics */
  METRICS: z.enum(["0", "1"]).default("1"),
  /** where traces go by HTTP, without the path /v1/traces; empty traces nothing */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .union([z.literal(""), z.url({ protocol: /^https?$/ })])
    .default(""),
  /** headers for the collector, such as a token: name=value,name=value */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().refine(areOtlpHeaders).optional(),
  /** how long spans wait to be sent together, in milliseconds */
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(10).max(60_000).optional(),
  /** the share of requests traced where the edge has not decided: 0 to 1 */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(0.01),
};
