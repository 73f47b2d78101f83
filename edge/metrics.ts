import type { ClaimAnswer } from "../admission/claim.ts";
import { problems } from "../contract/problems.ts";
import { createBreakerMetrics } from "../runtime/metrics/breakers.ts";
import { createCounter, type Family } from "../runtime/metrics/family.ts";
import { createHistogram } from "../runtime/metrics/histogram.ts";
import { createSpanCounter } from "../runtime/metrics/spans.ts";
import type { LookOutcome } from "./catalogue-generation.ts";
import type { ReadSource } from "./kept-reads.ts";
import type { KnownRefusal } from "./known-refusals.ts";
import type { LimitAnswer } from "./limits.ts";
import { loggedEvents } from "./log.ts";

/** The counts of this isolate or process alone. Every count is an addition to a number. */
export type EdgeMetrics = ReturnType<typeof createEdgeMetrics>;

/** The route that gets most of a rush. */
const RESERVE = "POST /api/lectures/:id/reservations";

/** From a millisecond to the longest wait for a decision, in seconds. */
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const CLAIM_OUTCOMES: (ClaimAnswer["outcome"] | "unknown")[] = [
  "claimed",
  "repeated",
  "already_reserved",
  "not_open",
  "throttled",
  "closed",
  "cancelled",
  "sold_out",
  "not_ready",
  "unknown",
];

export function createEdgeMetrics() {
  const requests = createCounter(
    "lectern_edge_requests_total",
    "Answers by route (none: no route), HTTP status and code of the problem (ok: no problem).",
    ["route", "status", "code"],
  );
  const seconds = createHistogram({
    name: "lectern_edge_request_seconds",
    help: "Seconds to an answer, answers from memory left out. Workers count only waits.",
    bounds: SECONDS,
  });
  const claims = createCounter(
    "lectern_edge_claims_total",
    "Claims by Redis' answer; unknown: Redis did not answer.",
    ["outcome"],
  );
  const knownRefusals = createCounter(
    "lectern_edge_known_refusals_total",
    "Requests for a seat that memory refused without asking Redis.",
    ["outcome"],
  );
  const limits = createCounter(
    "lectern_edge_limits_total",
    "Decisions of the token buckets; unknown: Redis did not answer.",
    ["outcome"],
  );
  const reads = createCounter(
    "lectern_edge_reads_total",
    "Reads by what answered: memory, the server, stale memory (origin away) or none.",
    ["of", "from"],
  );
  for (const from of ["memory", "server", "stale", "none"] satisfies ReadSource[])
    for (const of of ["lectures", "availability"]) reads.of(of, from);
  const generationLooks = createCounter(
    "lectern_edge_generation_looks_total",
    "Looks at the catalogue's generation; new: kept lectures are asked for again; " +
      "unknown: no answer.",
    ["outcome"],
  );
  for (const outcome of ["same", "new", "unknown"] satisfies LookOutcome[])
    generationLooks.of(outcome);
  for (const outcome of CLAIM_OUTCOMES) claims.of(outcome);
  for (const outcome of ["passed", "limited", "unknown"] satisfies LimitAnswer["outcome"][])
    limits.of(outcome);
  const breakers = createBreakerMetrics(["redis", "origin", "queue"]);
  const spans = createSpanCounter();
  const refused = (outcome: KnownRefusal["outcome"]) => ({
    fromMemory: knownRefusals.of(outcome),
    answered: requests.of(RESERVE, String(problems[outcome].status), outcome),
  });
  return {
    /** most of a rush: the cells are looked up beforehand */
    refused: { sold_out: refused("sold_out"), not_open: refused("not_open") },
    requests,
    seconds,
    claims,
    limits,
    reads,
    generationLooks,
    breakers,
    spans,
    families: [
      requests,
      seconds,
      claims,
      knownRefusals,
      limits,
      reads,
      generationLooks,
      ...breakers.families,
      spans,
      loggedEvents,
    ] as Family[],
  };
}
