import { createGauge, type Family } from "../runtime/metrics/family.ts";
import type { OriginDeps } from "./deps.ts";

/** The origin's state at the moment of the scrape. */
export function originGauges({
  gates,
  watches,
  publisher,
  replicas,
}: Pick<OriginDeps, "gates" | "watches" | "publisher" | "replicas">): Family[] {
  return [
    createGauge(
      "lectern_origin_gate_requests",
      "Requests at a gate now: expected (on the way to it), at_work or waiting for a place.",
      () =>
        Object.entries(gates).flatMap(([gate, { counts }]) => {
          const { expected, atWork, waiting } = counts();
          return Object.entries({ expected, at_work: atWork, waiting }).map(([state, value]) => ({
            labels: { gate, state },
            value,
          }));
        }),
    ),
    createGauge(
      "lectern_origin_waiters",
      "Requests and streams that wait for a decision now.",
      () => [{ value: watches.counts().waiters }],
    ),
    createGauge(
      "lectern_origin_queue_closed",
      "1 while RabbitMQ is there and takes nothing: an alarm, or too many confirms withheld.",
      () => [{ value: publisher.isClosed() ? 1 : 0 }],
    ),
    createGauge(
      "lectern_origin_replica_behind_seconds",
      "How far a replica of the catalogue is behind its primary; " +
        "no figure while it does not answer.",
      () =>
        replicas
          .standings()
          .flatMap(({ name, behindMs }) =>
            behindMs === undefined ? [] : [{ labels: { replica: name }, value: behindMs / 1_000 }],
          ),
    ),
    createGauge(
      "lectern_origin_replica_used",
      "1 while a replica of the catalogue answers reads, 0 while it is left out.",
      () =>
        replicas
          .standings()
          .map(({ name, isUsed }) => ({ labels: { replica: name }, value: isUsed ? 1 : 0 })),
    ),
  ];
}
