import type { PoolConnection } from "mysql2/promise";
import type { Command } from "../contract/command.ts";
import { isDuplicate } from "../database/data-error.ts";
import type { Database } from "../database/pool.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { newLedger, readLedger, writeChanges } from "./ledger.ts";
import { type Changes, type Decision, decideCommands, decisionsToSettle } from "./rules.ts";

/** How long one statement may take, in milliseconds. Past it the connection is destroyed and the outcome unknown. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Decides a batch in one transaction and returns, once it is committed, the decisions to settle. Deciding a batch again gives the same
 * decisions, so when the answer to a commit is lost the whole batch is simply decided again.
 *
 * Nearly every batch is of commands that nobody has decided yet, of users without a seat; the table's unique keys know that as well as a
 * reader would. So it is decided as if that were certain, and only a batch that the keys refuse, or whose answer would depend on it, is
 * decided by what the table holds.
 *
 * @param commands at least one, at most a thousand
 */
export async function decide(
  database: Database,
  commands: Command[],
  nowMs: number,
): Promise<Decision[]> {
  return await decideAndEnd(database, commands, nowMs, (connection) => connection.commit());
}

/**
 * Does all that `decide` does before its commit, and takes it back: nothing is changed. Rejects
 * with the error of the step that fails.
 *
 * @param commands at least one, at most a thousand
 */
export async function rehearse(
  database: Database,
  commands: Command[],
  nowMs: number,
): Promise<void> {
  await decideAndEnd(database, commands, nowMs, (connection) => connection.rollback());
}

async function decideAndEnd(
  database: Database,
  commands: Command[],
  nowMs: number,
  end: (connection: PoolConnection) => Promise<void>,
): Promise<Decision[]> {
  return await database.withConnection(async (connection) => {
    const decideBy = async (read: typeof readLedger) => {
      await connection.beginTransaction();
      const decisions = await decideWithin(connection, commands, nowMs, read);
      await end(connection);
      return decisions;
    };
    if (!mayAllBeNew(commands)) return await decideBy(readLedger);
    try {
      return await decideBy(newLedger);
    } catch (error) {
      if (!isRefusedAsNew(error)) throw error;
      await connection.rollback();
      return await decideBy(readLedger);
    }
  });
}

async function decideWithin(
  connection: PoolConnection,
  commands: Command[],
  nowMs: number,
  read: typeof readLedger,
): Promise<Decision[]> {
  const ledger = await read(connection, commands, STATEMENT_TIMEOUT_MS);
  crashPoint("worker.ledger_read");
  const changes = decideCommands(ledger, commands, nowMs);
  if (read === newLedger && dependsOnThePast(changes)) throw new NotNew();
  // Gathered now and not when they are written: by then other batches have driven a thousand decisions out of the processor's cache.
  const decisions = decisionsToSettle(ledger, commands);
  await writeChanges(connection, changes, STATEMENT_TIMEOUT_MS);
  crashPoint("worker.decisions_written");
  return decisions;
}

/** A cancel is of something that was decided before. */
function mayAllBeNew(commands: Command[]): boolean {
  return commands.every(({ kind }) => kind === "reserve");
}

/**
 * Whether what the table holds says more than its keys: a user who has a seat is told so, and not that the lecture is sold out; and whoever
 * is rejected may have a seat, which is settled along with the rejection. All that is confirmed the keys look at, and the seat of
 * whoever was told `already_reserved` is in the batch itself.
 */
function dependsOnThePast({ decided }: Changes): boolean {
  return decided
    .values()
    .some(({ reason }) => reason !== undefined && reason !== "already_reserved");
}

class NotNew extends Error {}

function isRefusedAsNew(error: unknown): boolean {
  return error instanceof NotNew || isDuplicate(error);
}
