import type { CacheCounts, ReadOutcome } from "../catalogue/cache/lecture-cache.ts";
import type { FillOutcome } from "../catalogue/cache/store.ts";
import { type Command, kindsOf } from "../contract/command.ts";
import { SCHEMAS } from "../database/schemas.ts";
import { createBreakerMetrics } from "../runtime/metrics/breakers.ts";
import { createCounter, type Family } from "../runtime/metrics/family.ts";
import { createHistogram, SECONDS } from "../runtime/metrics/histogram.ts";
import type { Enqueued } from "./enqueued.ts";

/** The origin's counts; counting is an addition to a number. */
export type OriginMetrics = ReturnType<typeof createOriginMetrics>;

export function createOriginMetrics() {
  const requests = createCounter(
    "lectern_origin_requests_total",
    "Answers by route (none: refused before a route), HTTP status and code (ok: no refusal).",
    ["route", "status", "code"],
  );
  const turnedAway = createCounter(
    "lectern_origin_turned_away_total",
    "Requests refused unread at the door: the gate of their work has no place.",
    ["gate"],
  );
  const commands = createCounter(
    "lectern_origin_commands_total",
    "Commands by outcome: queued (confirmed), noted (only the pending node stands), unknown.",
    ["kind", "outcome"],
  );
  const enqueueSeconds = createHistogram({
    name: "lectern_origin_enqueue_seconds",
    help: "Time to create a pending node and have the command confirmed, in seconds.",
    bounds: SECONDS,
  });
  const projections = createCounter(
    "lectern_origin_late_projections_total",
    "Lectures whose copy in the catalogue a look found behind: " +
      "projected (brought up to date) or failed.",
    ["outcome"],
  );
  const lectureReads = createCounter(
    "lectern_origin_lecture_reads_total",
    "Reads of one lecture: hit (cached in Redis), miss (read from MySQL), " +
      "away (from MySQL, since Redis did not answer) or " +
      "stale (the last known one, since neither answered).",
    ["outcome"],
  );
  const cacheFills = createCounter(
    "lectern_origin_cache_fills_total",
    "Fills of the cache of lectures: filled, " +
      "or refused because of a lost lease, a write meanwhile (gen) or a newer version (floor).",
    ["outcome"],
  );
  const catalogueReads = createCounter(
    "lectern_origin_catalogue_reads_total",
    "Reads of one lecture from MySQL, by whether the primary or a replica was asked.",
    ["source"],
  );
  for (const outcome of ["hit", "miss", "away", "stale"] satisfies ReadOutcome[])
    lectureReads.of(outcome);
  for (const outcome of ["filled", "lease", "gen", "floor"] satisfies FillOutcome[])
    cacheFills.of(outcome);
  for (const source of ["primary", "replica"]) catalogueReads.of(source);
  const databases = SCHEMAS.map((schema) => `mysql_${schema}`);
  const breakers = createBreakerMetrics(["zookeeper", "rabbitmq", "redis", ...databases]);
  for (const gate of ["commands", "reads"]) turnedAway.of(gate);
  for (const kind of kindsOf({ reserve: true, cancel: true, amend: true }))
    for (const outcome of ["queued", "noted", "unknown"] satisfies Enqueued[])
      commands.of(kind, outcome);
  return {
    answered(route: string, status: number, code: string) {
      requests.of(route, String(status), code).value += 1;
    },
    turnedAway: { commands: turnedAway.of("commands"), reads: turnedAway.of("reads") },
    enqueued(kind: Command["kind"], outcome: Enqueued, tookMs: number) {
      commands.of(kind, outcome).value += 1;
      enqueueSeconds.observe(tookMs / 1_000);
    },
    lateProjections: {
      projected: projections.of("projected"),
      failed: projections.of("failed"),
    },
    cache: {
      read(outcome) {
        lectureReads.of(outcome).value += 1;
      },
      filled(outcome) {
        cacheFills.of(outcome).value += 1;
      },
    } satisfies CacheCounts as CacheCounts,
    readAt(source: "primary" | "replica") {
      catalogueReads.of(source).value += 1;
    },
    breakers,
    families: [
      requests,
      turnedAway,
      commands,
      enqueueSeconds,
      projections,
      lectureReads,
      cacheFills,
      catalogueReads,
      ...breakers.families,
    ] as Family[],
  };
}
