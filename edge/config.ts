import * as z from "zod";
import { Keyring } from "../contract/keyring.ts";
import { areOtlpHeaders, readOtlpHeaders } from "../contract/otlp-headers.ts";
import { readSettings } from "../contract/settings.ts";
import { DEFAULT_STUDENT_NUMBER_CASE, StudentNumberCase } from "../contract/student-number.ts";

/** The edge's settings, read once per isolate or process. */
export type EdgeConfig = z.infer<typeof EdgeSettings>;

export type TracingConfig = EdgeConfig["tracing"];

/** A token bucket: `tokens` requests at once, and `refillPerS` more each second. */
export interface Bucket {
  tokens: number;
  refillPerS: number;
}

const whole = (low: number, high: number, initial: number) =>
  z._default(z.coerce.number().check(z.int(), z.gte(low), z.lte(high)), initial);

const httpUrl = z.url({ protocol: /^https?$/ });

/** A header's name, or nothing. */
const headerName = z._default(z.string().check(z.regex(/^[A-Za-z0-9-]{0,64}$/)), "");

function originsIn(list: string): string[] {
  return list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
}

/** Whether a text is an origin, in the one spelling that browsers use. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:[^*]+$/.test(text);
}

const EdgeSettings = z
  .object({
    UPSTASH_REDIS_REST_URL: httpUrl,
    UPSTASH_REDIS_REST_TOKEN: z.string().check(z.minLength(1)),
    ORIGIN_URL: httpUrl.check(
      z.refine((url) => new URL(url).pathname === "/", {
        error: "must have no path: signatures cover it",
      }),
    ),
    EDGE_KEYS: Keyring,
    SESSION_KEYS: Keyring,
    USER_BUCKET_TOKENS: whole(1, 1_000_000, 20),
    USER_BUCKET_REFILL_PER_S: whole(1, 1_000_000, 2),
    ADDRESS_BUCKET_TOKENS: whole(1, 10_000_000, 20_000),
    ADDRESS_BUCKET_REFILL_PER_S: whole(1, 10_000_000, 5_000),
    READ_BUCKET_TOKENS: whole(1, 10_000_000, 20_000),
    READ_BUCKET_REFILL_PER_S: whole(1, 10_000_000, 5_000),
    REDIS_TIMEOUT_MS: whole(10, 30_000, 10_000),
    ORIGIN_TIMEOUT_MS: whole(10, 30_000, 10_000),
    IN_FLIGHT_MAX: whole(1, 1_000_000, 4_000),
    BODY_TIMEOUT_MS: whole(10, 60_000, 10_000),
    CLIENT_ADDRESS_HEADER: headerName,
    CLIENT_PROTO_HEADER: headerName,
    TRUSTED_HOPS: whole(1, 20, 1),
    STUDENT_NUMBER_CASE: z._default(StudentNumberCase, DEFAULT_STUDENT_NUMBER_CASE),
    CORS_ORIGINS: z._default(
      z.string().check(
        z.refine((list) => originsIn(list).every(isOrigin), {
          error: "must list origins such as https://a.example by commas, without path, slash or *",
        }),
      ),
      "",
    ),
    METRICS_TOKEN: z.optional(z.string().check(z.regex(/^[A-Za-z0-9._~-]{32,}$/))),
    OTEL_EXPORTER_OTLP_ENDPOINT: z._default(z.union([z.literal(""), httpUrl]), ""),
    OTEL_EXPORTER_OTLP_HEADERS: z._default(z.string().check(z.refine(areOtlpHeaders)), ""),
    OTEL_TRACES_SAMPLER_ARG: z._default(z.coerce.number().check(z.gte(0), z.lte(1)), 0.01),
  })
  .transform((env) => ({
    redis: {
      url: env.UPSTASH_REDIS_REST_URL,
      token: env.UPSTASH_REDIS_REST_TOKEN,
      timeoutMs: env.REDIS_TIMEOUT_MS,
    },
    origin: { url: env.ORIGIN_URL, keys: env.EDGE_KEYS, timeoutMs: env.ORIGIN_TIMEOUT_MS },
    sessionKeys: env.SESSION_KEYS,
    /** the case of letters in student numbers, the same as at the origin */
    studentNumberCase: env.STUDENT_NUMBER_CASE,
    buckets: {
      user: { tokens: env.USER_BUCKET_TOKENS, refillPerS: env.USER_BUCKET_REFILL_PER_S },
      address: { tokens: env.ADDRESS_BUCKET_TOKENS, refillPerS: env.ADDRESS_BUCKET_REFILL_PER_S },
      /** the reads of one address, counted by one isolate or process */
      read: { tokens: env.READ_BUCKET_TOKENS, refillPerS: env.READ_BUCKET_REFILL_PER_S },
    },
    /** requests in flight at once in one isolate or process */
    inFlightMax: env.IN_FLIGHT_MAX,
    /** how long a request's body may take to arrive, in milliseconds */
    bodyTimeoutMs: env.BODY_TIMEOUT_MS,
    /** the proxy's header with the client's address */
    addressHeader: { name: env.CLIENT_ADDRESS_HEADER, hops: env.TRUSTED_HOPS },
    /** the proxy's header with the client's scheme, https or http */
    protoHeader: { name: env.CLIENT_PROTO_HEADER, hops: env.TRUSTED_HOPS },
    /** origins whose pages may read the answers, in addition to the edge's own */
    corsOrigins: originsIn(env.CORS_ORIGINS),
    /** the token that opens /metrics; without it there is no such route */
    metricsToken: env.METRICS_TOKEN,
    tracing: {
      /** the collector's address without the path; without it nothing is traced */
      endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined,
      /** further headers for the collector, such as a token */
      headers: readOtlpHeaders(env.OTEL_EXPORTER_OTLP_HEADERS),
      /** the share of requests that are recorded, 0 to 1 */
      ratio: env.OTEL_TRACES_SAMPLER_ARG,
    },
  }));

const ListenSettings = z.object({
  EDGE_HOST: z._default(z.string().check(z.minLength(1)), "127.0.0.1"),
  EDGE_PORT: whole(0, 65_535, 8787),
});

const AssetSettings = z.object({
  EDGE_ASSETS_DIR: z._default(z.string().check(z.minLength(1)), "dist/assets"),
});

/**
 * Reads a Worker's bindings or a process' environment. Throws an error with the names at fault,
 * never their values.
 */
export function readEdgeConfig(env: unknown): EdgeConfig {
  return readSettings(EdgeSettings, env);
}

/** Where Bun and Deno listen. A Worker's platform decides that. */
export function readListenAddress(env: unknown): { hostname: string; port: number } {
  const { EDGE_HOST, EDGE_PORT } = readSettings(ListenSettings, env);
  return { hostname: EDGE_HOST, port: EDGE_PORT };
}

/** The directory of the files of pages on Bun and Deno. On Workers they are a binding. */
export function readAssetsDirectory(env: unknown): string {
  return readSettings(AssetSettings, env).EDGE_ASSETS_DIR;
}
