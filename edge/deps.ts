import type { Redis } from "@upstash/redis/cloudflare";
import { openSend } from "../admission/send.ts";
import type { StudentNumberCase } from "../contract/student-number.ts";
import type { Breaker } from "../runtime/breaker/breaker.ts";
import { createSpanCounter } from "../runtime/metrics/spans.ts";
import { type Assets, openAssets, type ReadAsset } from "./assets.ts";
import { breakerOf, guardRedis, openIntake } from "./breakers.ts";
import { type AddressOf, addressReader } from "./client-address.ts";
import { type Compress, compressByStream } from "./compression.ts";
import type { EdgeConfig } from "./config.ts";
import { countLimits } from "./count-limits.ts";
import { type Crowd, createCrowd } from "./crowd.ts";
import { createKeptReads, type KeptReads } from "./kept-reads.ts";
import { createKnownRefusals, type KnownRefusals } from "./known-refusals.ts";
import { type Limits, openLimits } from "./limits.ts";
import { createLocalBuckets, type LocalBuckets } from "./local-buckets.ts";
import { createEdgeMetrics } from "./metrics.ts";
import { openNotLoaded, type WhyNotLoaded } from "./not-loaded.ts";
import type { Telemetry } from "./observe.ts";
import { type Origin, openOrigin } from "./origin-client.ts";
import { type OverTls, schemeReader } from "./over-tls.ts";
import { openRoundTrips, type SendLater } from "./round-trips.ts";
import { type ReadSession, sessionReader } from "./session.ts";
import { openEdgeTracing } from "./tracing.ts";

export interface EdgeDeps extends Telemetry {
  redis: Redis;
  limits: Limits;
  /** this isolate's or process' own count of each address' reads */
  reads: LocalBuckets;
  origin: Origin;
  /** the files of pages */
  assets: Assets;
  whyNotLoaded: WhyNotLoaded;
  /** whether a claim can be queued, by the origin's last answer */
  intake: Breaker;
  knownRefusals: KnownRefusals;
  keptReads: KeptReads;
  compress: Compress;
  crowd: Crowd;
  isOverTls: OverTls;
  readSession: ReadSession;
  addressOf: AddressOf;
  /** how the letters of student numbers are kept */
  studentNumberCase: StudentNumberCase;
  inFlightMax: number;
  bodyTimeoutMs: number;
  /** origins whose pages may read the answers */
  corsOrigins: string[];
  /** the token that opens /metrics */
  metricsToken: string | undefined;
}

/** What a runtime gives its edge. */
export interface RuntimeParts {
  /** for runtimes whose requests may wait for each other: see openRoundTrips */
  sendLater?: SendLater | undefined;
  /** reads the files of pages; without it there are none */
  readAsset?: ReadAsset | undefined;
  /** the runtime's content codings; without it those of the web's streams */
  compress?: Compress | undefined;
}

/**
 * Builds the clients, once per isolate or process. They hold no connection: there is nothing to
 * close.
 */
export function openDeps(
  config: EdgeConfig,
  { sendLater, readAsset, compress = compressByStream }: RuntimeParts = {},
): EdgeDeps {
  const metrics = config.metricsToken === undefined ? undefined : createEdgeMetrics();
  const tracing = openEdgeTracing(config.tracing, metrics?.spans ?? createSpanCounter());
  const send = guardRedis(openSend(config.redis), breakerOf("redis", metrics?.breakers));
  const roundTrips = openRoundTrips(send, sendLater);
  const { redis } = roundTrips;
  const knownRefusals = createKnownRefusals(redis);
  const isOverTls = schemeReader(config.protoHeader);
  const limits = openLimits(roundTrips, config.buckets);
  const origin = openOrigin({
    ...config.origin,
    breaker: breakerOf("origin", metrics?.breakers),
    tracing,
  });
  return {
    metrics,
    tracing,
    metricsToken: config.metricsToken,
    redis,
    limits: metrics ? countLimits(limits, metrics) : limits,
    reads: createLocalBuckets(config.buckets.read),
    origin,
    assets: openAssets(readAsset),
    whyNotLoaded: openNotLoaded(origin),
    intake: openIntake(metrics?.breakers),
    knownRefusals,
    keptReads: createKeptReads({
      mayShare: sendLater !== undefined,
      exchange: roundTrips.exchange,
      onLook: metrics && ((outcome) => metrics.generationLooks.of(outcome).value++),
    }),
    compress,
    crowd: createCrowd(knownRefusals),
    isOverTls,
    readSession: sessionReader(config.sessionKeys, isOverTls, config.studentNumberCase),
    addressOf: addressReader(config.addressHeader),
    studentNumberCase: config.studentNumberCase,
    inFlightMax: config.inFlightMax,
    bodyTimeoutMs: config.bodyTimeoutMs,
    corsOrigins: config.corsOrigins,
  };
}
