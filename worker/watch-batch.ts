import type { Logger } from "pino";
import type { Rid } from "../contract/ids.ts";
import { noCase } from "../contract/no-case.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import type { Verdict } from "../queue/batches.ts";
import type { Delivery } from "../queue/delivery.ts";
import type { LiveSpan } from "../runtime/telemetry/tracing.ts";
import type { DecidedAmendment } from "./amend.ts";
import type { WorkerDeps } from "./deps.ts";
import type { Decision } from "./rules.ts";

/** Follows one batch, for metrics and traces. */
export interface BatchWatch {
  /** the worker's log; each line names the batch's trace, where there is one */
  log: Logger;
  /** The transaction is committed. */
  decided(decisions: Decision[]): void;
  /** An amendment is committed. */
  amended(decided: DecidedAmendment): void;
  /** Redis and ZooKeeper are settled. */
  settled(): void;
  ended(verdicts: Verdict[]): void;
}

/** Most commands of one batch whose traces go on in it. */
const RECORDED_MAX = 100;

/** Begins to watch a batch; undefined where nothing is counted or recorded. */
export function watchBatch(deps: WorkerDeps, deliveries: Delivery[]): BatchWatch | undefined {
  const { metrics, clock } = deps;
  const spans = beginSpans(deps, deliveries);
  if (!metrics && !spans) return undefined;
  const startedAtMs = deps.now();
  let stepStartedMs = clock.monotonicMs();

  function stepDone(step: "decide" | "settle"): void {
    const nowMs = clock.monotonicMs();
    metrics?.stepSeconds.of(step).observe((nowMs - stepStartedMs) / 1_000);
    stepStartedMs = nowMs;
  }

  return {
    log: spans ? deps.log.child({ traceId: spans.traceId }) : deps.log,
    decided(decisions) {
      stepDone("decide");
      spans?.decided(decisions);
      if (!metrics) return;
      metrics.batchCommands.observe(deliveries.length);
      for (const { status, reason = "none", claimedAtMs, decidedAtMs } of decisions) {
        // An earlier decision that is only settled again was counted before.
        if (decidedAtMs < startedAtMs) continue;
        metrics.decisions.of(status, reason).value += 1;
        if (answersClaim(status))
          metrics.decisionSeconds.observe(Math.max(0, decidedAtMs - claimedAtMs) / 1_000);
      }
    },
    amended({ command: { rid }, amended }) {
      stepDone("decide");
      const { outcome, reason = "none" } = amended ?? { outcome: "sunk" };
      spans?.amended(rid, outcome);
      if (metrics) metrics.amendments.of(outcome, reason).value += 1;
    },
    settled() {
      stepDone("settle");
      spans?.settled();
    },
    ended(verdicts) {
      spans?.ended();
      for (const verdict of verdicts) if (metrics) metrics.commands.of(verdict).value += 1;
    },
  };
}

/** Whether the time from the claim to this decision is a user's wait. */
function answersClaim(status: DecisionStatus): boolean {
  switch (status) {
    case "confirmed":
    case "rejected":
      return true;
    case "cancelled":
      return false;
    default:
      return noCase(status);
  }
}

/**
 * A batch holds commands of many traces. Its own trace links to theirs and contains the transaction
 * and the settling. Each command's trace goes on with the command's outcome.
 */
function beginSpans({ tracing }: WorkerDeps, deliveries: Delivery[]) {
  const recorded = tracing ? deliveries.filter(({ trace }) => trace).slice(0, RECORDED_MAX) : [];
  if (!tracing || recorded.length === 0) return undefined;
  const links = recorded.flatMap(({ trace }) => trace ?? []);
  const batch = tracing.begin("decide batch", {
    role: "consumer",
    links,
    facts: { "lectern.commands": deliveries.length },
  });
  const commands = recorded.flatMap((delivery): { rid: string; span: LiveSpan }[] => {
    if (!("command" in delivery)) return [];
    const { rid, lectureId, kind } = delivery.command;
    const facts = { "lectern.rid": rid, "lectern.lecture": lectureId, "lectern.kind": kind };
    const span = tracing.goOn(delivery.trace, "decide command", {
      role: "consumer",
      links: [batch.parent],
      facts,
    });
    return span ? [{ rid, span }] : [];
  });
  let step = batch.begin("commit decisions", { role: "client" });
  let outcomes = new Map<string, string>();
  return {
    traceId: batch.parent.traceId,
    amended(rid: Rid, outcome: string) {
      step.end();
      outcomes = new Map([[rid, outcome]]);
      step = batch.begin("settle claims and nodes", { role: "client" });
    },
    decided(decisions: Decision[]) {
      step.end();
      outcomes = new Map(decisions.map(({ rid, status }) => [rid, status]));
      step = batch.begin("settle claims and nodes", { role: "client" });
    },
    settled: () => step.end(),
    ended() {
      for (const { rid, span } of commands)
        span.end({ "lectern.outcome": outcomes.get(rid) ?? "undecidable" });
      batch.end();
    },
  };
}
