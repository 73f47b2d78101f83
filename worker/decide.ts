import type { PoolConnection } from "mysql2/promise";
import type { SeatCommand } from "../contract/command.ts";
import { noCase } from "../contract/no-case.ts";
import { isDuplicate } from "../database/data-error.ts";
import type { Database } from "../database/pool.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { newLedger, readLedger, writeChanges } from "./ledger.ts";
import { type Changes, type Decision, decideCommands, decisionsToSettle } from "./rules.ts";

/**
 * Limit of a statement in milliseconds; past it the connection is destroyed, the outcome unknown.
 */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Decides a batch in one transaction. Returns the decisions to settle, once committed. A second run
 * gives the same decisions, so a batch with an unanswered commit is decided again.
 *
 * Nearly every batch holds undecided commands of users without a seat, and the table's unique keys
 * prove that as well as a read. The table is read only where the keys refuse the batch, or its
 * decisions depend on older ones.
 *
 * @param commands at least one, at most a thousand
 * @param nowMs time of the decisions, in Unix milliseconds
 */
export async function decide(
  database: Database,
  commands: SeatCommand[],
  nowMs: number,
): Promise<Decision[]> {
  return await decideAndEnd(database, commands, nowMs, (connection) => connection.commit());
}

/**
 * Does all that `decide` does before its commit, then rolls back. Rejects with the error of the
 * step that fails.
 *
 * @param commands at least one, at most a thousand
 */
export async function rehearse(
  database: Database,
  commands: SeatCommand[],
  nowMs: number,
): Promise<void> {
  await decideAndEnd(database, commands, nowMs, (connection) => connection.rollback());
}

async function decideAndEnd(
  database: Database,
  commands: SeatCommand[],
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
  commands: SeatCommand[],
  nowMs: number,
  read: typeof readLedger,
): Promise<Decision[]> {
  const ledger = await read(connection, commands, STATEMENT_TIMEOUT_MS);
  crashPoint("worker.ledger_read");
  const changes = decideCommands(ledger, commands, nowMs);
  if (read === newLedger && dependsOnThePast(changes)) throw new NotNew();
  // Gathered before the writing, during which other batches drive the thousand decisions out of the
  // CPU's cache.
  const decisions = decisionsToSettle(ledger, commands);
  await writeChanges(connection, changes, STATEMENT_TIMEOUT_MS);
  crashPoint("worker.decisions_written");
  return decisions;
}

function mayAllBeNew(commands: SeatCommand[]): boolean {
  return commands.every(mayBeNew);
}

/** A cancel concerns an earlier decision. To reject a refused command, rows are read. */
function mayBeNew(command: SeatCommand): boolean {
  switch (command.kind) {
    case "reserve":
      return command.refused === undefined;
    case "cancel":
      return false;
    default:
      return noCase(command);
  }
}

/**
 * Whether a decision depends on rows that the unique keys do not check. A user with a seat gets
 * `already_reserved` instead of `sold_out`. A rejected user may have a seat, which is settled too.
 * The keys check every confirmed row; the seat behind an `already_reserved` is in the batch itself.
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
