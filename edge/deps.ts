import type { Redis } from "@upstash/redis/cloudflare";
import { openSend } from "../admission/send.ts";
import type { Breaker } from "../breaker/breaker.ts";
import { breakerOf, guardRedis, openIntake } from "./breakers.ts";
import { type AddressOf, addressReader } from "./client-address.ts";
import type { EdgeConfig } from "./config.ts";
import { type Crowd, createCrowd } from "./crowd.ts";
import { createKnownRefusals, type KnownRefusals } from "./known-refusals.ts";
import { type Limits, openLimits } from "./limits.ts";
import { type Origin, openOrigin } from "./origin-client.ts";
import { openRoundTrips, type SendLater } from "./round-trips.ts";
import { type ReadSession, sessionReader } from "./session.ts";

/** What the routes work with. */
export interface EdgeDeps {
  redis: Redis;
  limits: Limits;
  origin: Origin;
  /** whether a claim could be queued by what the origin said last */
  intake: Breaker;
  knownRefusals: KnownRefusals;
  crowd: Crowd;
  readSession: ReadSession;
  addressOf: AddressOf;
  inFlightMax: number;
  bodyTimeoutMs: number;
}

/**
 * Builds the clients, once for an isolate or process. None of them holds a connection, so there is nothing to close.
 *
 * @param sendLater where requests may wait for each other: see openRoundTrips
 */
export function openDeps(config: EdgeConfig, sendLater?: SendLater): EdgeDeps {
  const send = guardRedis(openSend(config.redis), breakerOf("redis"));
  const roundTrips = openRoundTrips(send, sendLater);
  const { redis } = roundTrips;
  const knownRefusals = createKnownRefusals(redis);
  return {
    redis,
    limits: openLimits(roundTrips, config.buckets),
    origin: openOrigin({ ...config.origin, breaker: breakerOf("origin") }),
    intake: openIntake(),
    knownRefusals,
    crowd: createCrowd(knownRefusals),
    readSession: sessionReader(config.sessionKeys),
    addressOf: addressReader(config.clientAddressHeader),
    inFlightMax: config.inFlightMax,
    bodyTimeoutMs: config.bodyTimeoutMs,
  };
}
