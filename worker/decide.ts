import type { PoolConnection } from "mysql2/promise";
import type { Command } from "../contract/command.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import type { Database } from "../database/pool.ts";
import { readLedger, writeChanges } from "./ledger.ts";
import { type Decision, decideCommands, decisionsToSettle } from "./rules.ts";

/** How long one statement may take, in milliseconds. Past it the connection is destroyed and the outcome unknown. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Decides a batch in one transaction and returns, once it is committed, the decisions to settle. Deciding a batch again gives the same
 * decisions, so when the answer to a commit is lost the whole batch is simply decided again.
 *
 * @param commands at least one, at most a thousand
 */
export async function decide(database: Database, commands: Command[], nowMs: number): Promise<Decision[]> {
  return await database.withConnection(async (connection) => {
    await connection.beginTransaction();
    const decisions = await decideWithin(connection, commands, nowMs);
    await connection.commit();
    return decisions;
  });
}

async function decideWithin(
  connection: PoolConnection,
  commands: Command[],
  nowMs: number,
): Promise<Decision[]> {
  const ledger = await readLedger(connection, commands, STATEMENT_TIMEOUT_MS);
  crashPoint("worker.ledger_read");
  const changes = decideCommands(ledger, commands, nowMs);
  await writeChanges(connection, changes, STATEMENT_TIMEOUT_MS);
  crashPoint("worker.decisions_written");
  return decisionsToSettle(ledger, commands);
}
