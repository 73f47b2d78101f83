import type { Command } from "../contract/command.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import type { OriginDeps } from "./deps.ts";

/**
 * Puts a command on its way: first the pending node that says so, then the message.
 *
 * @returns true when the broker has confirmed the message. False means that nobody knows whether it will be decided, not that it will
 *   not be: nothing is undone, and the caller must not tell the user otherwise.
 */
export async function enqueue(deps: OriginDeps, command: Command): Promise<boolean> {
  await announce(deps, command);
  crashPoint("origin.node_created");
  const outcome = await deps.publisher.publish(command);
  crashPoint("origin.queued");
  if (outcome === "queued") return true;
  deps.log.warn({ event: "command_not_confirmed", outcome, rid: command.rid }, "a command was not confirmed");
  return false;
}

/**
 * Creates the pending node. Without ZooKeeper booking goes on: the node serves those who wait for the decision, and the decision
 * does not depend on it.
 */
async function announce(deps: OriginDeps, command: Command): Promise<void> {
  try {
    await deps.createPendingNode(command);
  } catch (err) {
    deps.log.warn(
      { event: "node_not_created", rid: command.rid, err },
      "a command goes on without its pending node",
    );
  }
}
