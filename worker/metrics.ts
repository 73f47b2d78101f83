import { AmendmentRefusal } from "../contract/amendment.ts";
import type { DecisionStatus, RejectReason } from "../contract/reservation.ts";
import type { Verdict } from "../queue/batches.ts";
import { createCounter, createGauge, type Family } from "../runtime/metrics/family.ts";
import {
  COUNTS,
  createHistogram,
  createHistograms,
  SECONDS,
} from "../runtime/metrics/histogram.ts";
import type { Survey } from "./survey-figures.ts";

/** The worker's metrics; each count is an addition to a number. */
export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

/** The decisions whose counters show zero before the first decision. */
const USUAL_REASON: Record<DecisionStatus, RejectReason | "none"> = {
  confirmed: "none",
  cancelled: "none",
  rejected: "sold_out",
};

export function createWorkerMetrics(leads: () => boolean) {
  const commands = createCounter(
    "lectern_worker_commands_total",
    "Commands handled, by the verdict on their message: ack, or dead for the dead letters.",
    ["verdict"],
  );
  const decisions = createCounter(
    "lectern_worker_decisions_total",
    "Decisions written, by status and the reason of a rejection (none where there is none).",
    ["status", "reason"],
  );
  const amendments = createCounter(
    "lectern_worker_amendments_total",
    "Amendments taken to their end: applied, refused with a reason, " +
      "or sunk (a step of a capacity that sinks); none without a reason. " +
      "One that comes again counts again.",
    ["outcome", "reason"],
  );
  const decisionSeconds = createHistogram({
    name: "lectern_worker_decision_seconds",
    help: "From the claim, by Redis' clock, to the decision, by the worker's, in seconds.",
    bounds: SECONDS,
  });
  const batchCommands = createHistogram({
    name: "lectern_worker_batch_commands",
    help: "Commands decided in one batch.",
    bounds: COUNTS,
  });
  const stepSeconds = createHistograms({
    name: "lectern_worker_step_seconds",
    help: "Seconds of a batch with retries: decide is MySQL, settle is Redis and ZooKeeper.",
    bounds: SECONDS,
    label: "step",
    values: ["decide", "settle"],
  });
  const sweeps = createCounter(
    "lectern_worker_sweeps_total",
    "Sweeps of this worker, done or failed.",
    ["outcome"],
  );
  const swept = createCounter(
    "lectern_worker_swept_commands_total",
    "Overdue commands: queued again, or not_queued where the broker did not take them.",
    ["outcome"],
  );
  const surveys = createCounter(
    "lectern_worker_surveys_total",
    "Surveys of stock and queues by this worker as leader; failed without a server's answer.",
    ["outcome"],
  );
  for (const verdict of ["ack", "dead"] satisfies Verdict[]) commands.of(verdict);
  for (const [status, reason] of Object.entries(USUAL_REASON)) decisions.of(status, reason);
  for (const outcome of ["applied", "sunk"]) amendments.of(outcome, "none");
  for (const reason of AmendmentRefusal.options) amendments.of("refused", reason);
  for (const outcome of ["done", "failed"]) {
    sweeps.of(outcome);
    surveys.of(outcome);
  }
  for (const outcome of ["queued", "not_queued"]) swept.of(outcome);
  const survey: { last: Survey | undefined } = { last: undefined };

  const counts = {
    commands,
    decisions,
    amendments,
    decisionSeconds,
    batchCommands,
    stepSeconds,
    sweeps,
    swept,
    surveys,
  };
  return {
    ...counts,
    /** the leader's last survey */
    survey,
    families: [
      ...Object.values(counts),
      createGauge(
        "lectern_worker_leading",
        "1 for the one worker that sweeps, loads and surveys.",
        () => [{ value: leads() ? 1 : 0 }],
      ),
      ...surveyGauges(() => (leads() ? survey.last : undefined)),
    ] as Family[],
  };
}

/** The leader alone reports these; other workers report nothing, so nothing is reported twice. */
function surveyGauges(last: () => Survey | undefined): Family[] {
  const gauge = (name: string, help: string, read: (survey: Survey) => number) =>
    createGauge(name, help, () => {
      const survey = last();
      return survey ? [{ value: read(survey) }] : [];
    });
  return [
    gauge(
      "lectern_worker_oldest_command_seconds",
      "Age of the oldest undecided claim by Redis' clock; 0 where all are decided.",
      ({ oldestHeldMs }) => oldestHeldMs / 1_000,
    ),
    gauge("lectern_worker_held_claims", "Claims that are not decided yet.", ({ held }) => held),
    createGauge(
      "lectern_worker_confirmed_seats",
      "Confirmed seats of all lectures, by what Redis and what MySQL know.",
      () => {
        const { confirmed } = last() ?? {};
        return Object.entries(confirmed ?? {}).map(([store, value]) => ({
          labels: { store },
          value,
        }));
      },
    ),
    gauge(
      "lectern_worker_stock_drift_seats",
      "Confirmed seats in which Redis and MySQL differ, of lectures without a recent decision.",
      ({ driftSeats }) => driftSeats,
    ),
    createGauge(
      "lectern_worker_queue_messages",
      "Messages that wait in a queue of RabbitMQ; what a worker holds already is not among them.",
      () => (last()?.queues ?? []).map(({ queue, ready }) => ({ labels: { queue }, value: ready })),
    ),
    gauge(
      "lectern_worker_surveyed_timestamp_seconds",
      "When the stock and the queues were last looked at, in Unix seconds.",
      ({ atMs }) => atMs / 1_000,
    ),
  ];
}
