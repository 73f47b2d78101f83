import { BreakerOpen } from "../breaker/breaker.ts";
import type { Command } from "../contract/command.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import type { PublishOutcome } from "../queue/publisher.ts";
import { type Deadline, DeadlinePassed, within } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";

/**
 * What became of a command:
 * - `queued`: the broker has confirmed the message;
 * - `noted`: the broker has not, but the pending node stands, from which the command is queued again;
 * - `unknown`: neither is known. A reserve command is queued again from its claim; a cancel has to be asked for again.
 *
 * None of them says that it will not be decided: nothing is undone, and the caller must not tell the user otherwise.
 */
export type Enqueued = "queued" | "noted" | "unknown";

/** What queueing needs of what the origin works with. */
type EnqueueDeps = Pick<OriginDeps, "createPendingNode" | "publisher" | "log">;

/**
 * Puts a command on its way: first the pending node that says so, then the message. Once begun, both are sent, and only the waits for
 * their answers end with the deadline.
 */
export async function enqueue(deps: EnqueueDeps, command: Command, deadline: Deadline): Promise<Enqueued> {
  const announced = await announce(deps, command, deadline);
  crashPoint("origin.node_created");
  const outcome = await publish(deps, command, deadline);
  crashPoint("origin.queued");
  if (outcome === "queued") return "queued";
  deps.log.warn({ event: "command_not_confirmed", outcome, rid: command.rid }, "a command was not confirmed");
  return announced ? "noted" : "unknown";
}

/**
 * Creates the pending node. Without ZooKeeper booking goes on: the node serves those who wait for the decision, and the decision
 * does not depend on it.
 */
async function announce(deps: EnqueueDeps, command: Command, deadline: Deadline): Promise<boolean> {
  try {
    await within(deadline, deps.createPendingNode(command));
    return true;
  } catch (err) {
    // That ZooKeeper is down was logged once, when its breaker opened.
    if (!(err instanceof BreakerOpen))
      deps.log.warn(
        { event: "node_not_created", rid: command.rid, err },
        "a command goes on without its pending node",
      );
    return false;
  }
}

async function publish(deps: EnqueueDeps, command: Command, deadline: Deadline): Promise<PublishOutcome> {
  try {
    return await within(deadline, deps.publisher.publish(command));
  } catch (error) {
    if (error instanceof DeadlinePassed) return "unknown";
    throw error;
  }
}
