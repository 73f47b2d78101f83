import type { Logger } from "pino";
import type { Command } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import { noCase } from "../contract/no-case.ts";
import { holdsSeat } from "../contract/reservation.ts";
import type { Database } from "../database/pool.ts";
import { inParallel } from "../pending/in-parallel.ts";
import { findAmendment } from "./amendment-rows.ts";
import { NO_DEADLINE } from "./deadline.ts";
import { findDecided } from "./decisions.ts";

export interface LateNodesDeps {
  database: Database;
  /** removes the pending nodes of these commands; a missing node is fine */
  removePendingNodes: (commands: Command[]) => Promise<void>;
  /** waits at most `timeoutMs` milliseconds for a connection to ZooKeeper */
  connectedWithin: (timeoutMs: number) => Promise<boolean>;
  log: Logger;
  /** fires when the origin is asked to stop: the rest is left to the sweep */
  stopping: AbortSignal;
}

export type LateNodes = ReturnType<typeof createLateNodes>;

/** The most commands that wait for their look; any more are left to the sweep. */
const WAITING_MAX = 10_000;
const COMMANDS_AT_A_TIME = 100;

/** Few of the pool's connections: requests for a status come first. */
const READS_AT_A_TIME = 3;

/**
 * How long a lost connection may take to come back, in milliseconds; after that the nodes are left
 * to the sweep.
 */
const CONNECTED_WITHIN_MS = 5_000;

/**
 * Removes pending nodes that appeared after their command's decision. Their origin did not wait for
 * them: the message went ahead, and the worker found no node to remove. Without this the
 * reservation would show as pending until the sweep.
 *
 * The node exists before its decision is looked for. If there is no decision yet, the worker that
 * writes it removes the node afterwards. If there is a decision, the node is removed here. A node
 * requested on a lost connection may still come after this look; it is left to the sweep.
 */
export function createLateNodes(deps: LateNodesDeps) {
  const waiting = new Map<string, Command>();
  let isWorking = false;

  async function work(): Promise<void> {
    isWorking = true;
    while (waiting.size > 0 && !deps.stopping.aborted) {
      const batch = [...waiting.values()].slice(0, COMMANDS_AT_A_TIME);
      for (const command of batch) waiting.delete(pathOf(command));
      await tidy(batch).catch((err) =>
        deps.log.warn(
          { event: "late_nodes_left", nodes: batch.length, err },
          "the origin leaves late pending nodes to the sweep",
        ),
      );
    }
    isWorking = false;
  }

  async function tidy(commands: Command[]): Promise<void> {
    if (!(await deps.connectedWithin(CONNECTED_WITHIN_MS)))
      throw new Error("no connection to ZooKeeper");
    const found = await inParallel(commands, READS_AT_A_TIME, async (command) =>
      (await isSettled(deps.database, command)) ? [command] : [],
    );
    const settled = found.flat();
    if (settled.length === 0) return;
    await deps.removePendingNodes(settled);
    deps.log.info(
      { event: "late_nodes_removed", rids: settled.map(({ rid }) => rid) },
      "the origin removed pending nodes that came after their decisions",
    );
  }

  return {
    /**
     * Has the command's node looked at soon. Call it once the node may exist and the message may
     * have gone ahead of it.
     */
    add(command: Command): void {
      if (waiting.size >= WAITING_MAX) return;
      waiting.set(pathOf(command), command);
      if (!isWorking) void work();
    },
  };
}

function pathOf({ rid, kind }: Command): string {
  return pendingPaths.node(rid, kind);
}

/**
 * Whether nothing is left to decide; for the cancel of a seat, whether there is no confirmed seat
 * to give back.
 */
async function isSettled(database: Database, { kind, rid, userId }: Command): Promise<boolean> {
  if (kind === "amend") return (await findAmendment(database, rid, NO_DEADLINE)) !== undefined;
  const decided = await findDecided(database, { rid, userId }, NO_DEADLINE);
  if (!decided) return false;
  switch (kind) {
    case "reserve":
      return true;
    case "cancel":
      return !holdsSeat(decided.status);
    default:
      return noCase(kind);
  }
}
