import type { Command } from "../contract/command.ts";
import { ZooKeeperError } from "../pending/zookeeper-error.ts";
import type { PublishOutcome } from "../queue/publisher.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { SpanFacts } from "../runtime/telemetry/tracing.ts";
import { type Deadline, DeadlinePassed, within } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import type { Enqueued } from "./enqueued.ts";
import { type RequestTrace, UNTRACED } from "./request-trace.ts";

type EnqueueDeps = Pick<
  OriginDeps,
  "createPendingNode" | "lateNodes" | "publisher" | "log" | "metrics"
>;

/**
 * Puts a command on its way: its pending node, then its message. Once begun, both are sent; the
 * deadline ends only the waits for their answers.
 */
export async function enqueue(
  deps: EnqueueDeps,
  command: Command,
  deadline: Deadline,
  trace: RequestTrace = UNTRACED,
): Promise<Enqueued> {
  const startedMs = performance.now();
  const announced = await announce(deps, command, deadline, trace);
  crashPoint("origin.node_created");
  const outcome = await publish(deps, command, deadline, trace);
  crashPoint("origin.queued");
  const enqueued = outcome === "queued" ? "queued" : announced ? "noted" : "unknown";
  deps.metrics?.enqueued(command.kind, enqueued, performance.now() - startedMs);
  if (outcome !== "queued")
    deps.log.warn(
      { event: "command_not_confirmed", outcome, rid: command.rid, ...trace.ids },
      "the broker did not confirm the command",
    );
  return enqueued;
}

/**
 * Creates the pending node; gives whether it is known to exist. Without ZooKeeper booking goes on:
 * the node serves waiting requests, and the decision does not depend on it. A node not seen in time
 * may come after the decision, so lateNodes looks at it.
 */
async function announce(
  deps: EnqueueDeps,
  command: Command,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<boolean> {
  const span = trace.span?.begin("create pending node", {
    role: "client",
    facts: { "lectern.rid": command.rid },
  });
  const creating = deps.createPendingNode(command);
  try {
    await within(deadline, creating);
    span?.end();
    return true;
  } catch (err) {
    span?.end({}, err);
    void lookAfterLateNode(deps, command, creating);
    // The outage of ZooKeeper was logged once, when its breaker opened.
    if (!(err instanceof BreakerOpen))
      deps.log.warn(
        { event: "node_not_created", rid: command.rid, ...trace.ids, err },
        "the command goes on without its pending node",
      );
    return false;
  }
}

/**
 * The message goes ahead of the node. Once the node exists, or may exist, lateNodes compares it
 * with the decision.
 */
async function lookAfterLateNode(
  { lateNodes }: EnqueueDeps,
  command: Command,
  creating: Promise<unknown>,
): Promise<void> {
  const mayBeThere = await creating.then(
    () => true,
    (error) => error instanceof ZooKeeperError && error.kind === "unknown",
  );
  if (mayBeThere) lateNodes.add(command);
}

/** The message carries its trace, if that is recorded: the worker that decides continues it. */
async function publish(
  deps: EnqueueDeps,
  command: Command,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<PublishOutcome> {
  const span = trace.span?.begin("publish command", { role: "producer", facts: factsOf(command) });
  const outcome = await publishWithin(deps, command, deadline, span?.header);
  span?.end({ "lectern.outcome": outcome });
  return outcome;
}

async function publishWithin(
  { publisher }: EnqueueDeps,
  command: Command,
  deadline: Deadline,
  traceParent: string | undefined,
): Promise<PublishOutcome> {
  try {
    return await within(deadline, publisher.publish(command, traceParent));
  } catch (error) {
    if (error instanceof DeadlinePassed) return "unknown";
    throw error;
  }
}

function factsOf({ rid, lectureId, kind }: Command): SpanFacts {
  return { "lectern.rid": rid, "lectern.lecture": lectureId, "lectern.kind": kind };
}
