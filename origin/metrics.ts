import { type Command, kindsOf } from "../contract/command.ts";
import { createBreakerMetrics } from "../runtime/metrics/breakers.ts";
import { createCounter, type Family } from "../runtime/metrics/family.ts";
import { createHistogram, SECONDS } from "../runtime/metrics/histogram.ts";
import type { Enqueued } from "./enqueued.ts";

/** The origin's counts; counting is an addition to a number. */
export type OriginMetrics = ReturnType<typeof createOriginMetrics>;

export function createOriginMetrics() {
  const requests = createCounter(
    "lectern_origin_requests_total",
    "Requests answered, by route, HTTP status and the code of a refusal (ok for none). Route none: refused before a route was found.",
    ["route", "status", "code"],
  );
  const turnedAway = createCounter(
    "lectern_origin_turned_away_total",
    "Requests refused at the door, before anything was looked at, since the gate of their work had no place.",
    ["gate"],
  );
  const commands = createCounter(
    "lectern_origin_commands_total",
    "Commands put on their way: queued (confirmed by the broker), noted (only the pending node stands) or unknown.",
    ["kind", "outcome"],
  );
  const enqueueSeconds = createHistogram({
    name: "lectern_origin_enqueue_seconds",
    help: "Time to create a pending node and have the command confirmed, in seconds.",
    bounds: SECONDS,
  });
  const projections = createCounter(
    "lectern_origin_late_projections_total",
    "Lectures whose copy in the catalogue a look found behind: projected (brought up to date) or failed.",
    ["outcome"],
  );
  const breakers = createBreakerMetrics(["zookeeper", "rabbitmq", "mysql"]);
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
    breakers,
    families: [
      ...[requests, turnedAway, commands, enqueueSeconds, projections],
      ...breakers.families,
    ] as Family[],
  };
}
