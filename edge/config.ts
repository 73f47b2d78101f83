import * as z from "zod";
import { Keyring } from "../contract/keyring.ts";
import { areOtlpHeaders, readOtlpHeaders } from "../contract/otlp-headers.ts";
import { readSettings } from "../contract/settings.ts";
import { DEFAULT_STUDENT_NUMBER_CASE, StudentNumberCase } from "../contract/student-number.ts";

/** What the edge is set up with, read once per isolate or process. */
export type EdgeConfig = z.infer<typeof EdgeSettings>;

export type TracingConfig = EdgeConfig["tracing"];

/** A token bucket: how many requests may come at once, and how many more each second. */
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

/** Whether it is an origin, in the one spelling that browsers use. */
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
          error:
            "must be origins as https://seats.example, with commas between: no path, no slash, no *",
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
    /** how the letters of student numbers are kept, the same as at the origin */
    studentNumberCase: env.STUDENT_NUMBER_CASE,
    buckets: {
      user: { tokens: env.USER_BUCKET_TOKENS, refillPerS: env.USER_BUCKET_REFILL_PER_S },
      address: { tokens: env.ADDRESS_BUCKET_TOKENS, refillPerS: env.ADDRESS_BUCKET_REFILL_PER_S },
      /** what one address may read, of one isolate or process */
      read: { tokens: env.READ_BUCKET_TOKENS, refillPerS: env.READ_BUCKET_REFILL_PER_S },
    },
    /** how many requests one isolate or process works on at once */
    inFlightMax: env.IN_FLIGHT_MAX,
    /** how long a request's body may take to come, in milliseconds */
    bodyTimeoutMs: env.BODY_TIMEOUT_MS,
    /** where the proxy in front tells the client's address */
    addressHeader: { name: env.CLIENT_ADDRESS_HEADER, hops: env.TRUSTED_HOPS },
    /** where the proxy in front tells whether the client came over https or http */
    protoHeader: { name: env.CLIENT_PROTO_HEADER, hops: env.TRUSTED_HOPS },
    /** whose pages may read the answers, besides those of the edge's own origin */
    corsOrigins: originsIn(env.CORS_ORIGINS),
    /** who may read /metrics; without it there are none */
    metricsToken: env.METRICS_TOKEN,
    tracing: {
      /** where traces are sent, without the path; without it nothing is traced */
      endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined,
      /** what the collector wants to be told besides, such as a token */
      headers: readOtlpHeaders(env.OTEL_EXPORTER_OTLP_HEADERS),
      /** the share of requests that are recorded, 0 to 1 */
      ratio: env.OTEL_TRACES_SAMPLER_ARG,
    },
  }));

const ListenSettings = z.object({
  EDGE_HOST: z._default(z.string().check(z.minLength(1)), "127.0.0.1"),
  EDGE_PORT: whole(0, 65_535, 8787),
});

/** Reads the bindings of a Worker, or the environment of a process. Throws with the names at fault, never with their values. */
export function readEdgeConfig(env: unknown): EdgeConfig {
  return readSettings(EdgeSettings, env);
}

/** Where Bun and Deno listen; a Worker is told by its platform. */
export function readListenAddress(env: unknown): { hostname: string; port: number } {
  const { EDGE_HOST, EDGE_PORT } = readSettings(ListenSettings, env);
  return { hostname: EDGE_HOST, port: EDGE_PORT };
}
