import type { Logger } from "pino";
import type { Command } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import type { Database } from "../database/pool.ts";
import { inParallel } from "../pending/in-parallel.ts";
import { NO_DEADLINE } from "./deadline.ts";
import { findDecided } from "./decisions.ts";

export interface LateNodesDeps {
  database: Database;
  /** removes the pending nodes of these commands; one that is gone is fine */
  removePendingNodes: (commands: Command[]) => Promise<void>;
  /** waits for a connection to ZooKeeper, at most so many milliseconds */
  connectedWithin: (timeoutMs: number) => Promise<boolean>;
  log: Logger;
  /** fires when the origin is asked to stop: what is left then is left to the sweep */
  stopping: AbortSignal;
}

export type LateNodes = ReturnType<typeof createLateNodes>;

/** Commands that wait to be looked at; what comes on top is left to the sweep. */
const WAITING_MAX = 10_000;
const COMMANDS_AT_A_TIME = 100;

/** Few of the pool's connections: those who ask for a status come first. */
const READS_AT_A_TIME = 3;

/** How long a lost connection may take to come back, in milliseconds; past it there is the sweep. */
const CONNECTED_WITHIN_MS = 5_000;

/**
 * Takes away pending nodes that came into being after their command was decided: their origin did
 * not wait for them, so the message went ahead and the worker found no node to remove. A
 * reservation would show as pending until the sweep.
 *
 * The node is there before its decision is looked for. So where there is no decision yet, the
 * worker that writes it comes by the node afterwards; where there is one, the node is in nobody's
 * way and goes. A node that was asked for on a connection that was lost may still come after this
 * look: that one is left to the sweep.
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
          "late pending nodes are left to the sweep",
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
      "pending nodes that came after their decisions are removed",
    );
  }

  return {
    /**
     * Has the command's node looked at soon. Call it once the node may be there and the message may
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
 * Whether nothing is left to be decided: of a cancel, whether there is no confirmed seat that it
 * could give back.
 */
async function isSettled(database: Database, { kind, rid, userId }: Command): Promise<boolean> {
  const decided = await findDecided(database, { rid, userId }, NO_DEADLINE);
  if (!decided) return false;
  return kind === "reserve" || decided.status !== "confirmed";
}
