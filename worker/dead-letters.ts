import type { Command, ReserveCommand } from "../contract/command.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import type { Database } from "../database/pool.ts";
import type { Verdict } from "../queue/batches.ts";
import type { Delivery } from "../queue/delivery.ts";
import { handleBatch, handleRivals } from "./batch.ts";
import type { WorkerDeps } from "./deps.ts";
import { lockStock, readLedger } from "./ledger.ts";
import { isTransient, retrying } from "./retry.ts";
import { type Decision, decisionsToSettle } from "./rules.ts";
import { settleDecisions } from "./settle.ts";

/** A decision that is there already stays as it is. */
const REJECT_IF_UNDECIDED = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, reason, claimed_at, decided_at)
  VALUES (?, ?, ?, 'rejected', 'undeliverable', ?, ?)
      ON DUPLICATE KEY UPDATE rid = rid`;

const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Takes what was given up from `lectern.dead` to its end, one by one, so that every claim ends in a decision. A command that was only
 * refused once is tried once more by itself; one that failed delivery after delivery may have taken workers down with it and is
 * rejected as `undeliverable`. A message that is no command is logged and dropped: its claim, while there is one, is swept.
 */
export async function handleDeadLetters(deps: WorkerDeps, deliveries: Delivery[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const delivery of deliveries) verdicts.push(await handleDeadLetter(deps, delivery));
  return verdicts;
}

async function handleDeadLetter(deps: WorkerDeps, delivery: Delivery): Promise<Verdict> {
  if (!("command" in delivery)) {
    const { unreadable, body } = delivery;
    deps.log.error(
      { event: "dead_letter_dropped", reason: unreadable, bytes: body.length },
      "a message is no command",
    );
    return "dead";
  }
  crashPoint("worker.dead_letter_taken");
  const decided = delivery.diedOf !== "delivery_limit" && (await handleBatch(deps, [delivery]))[0] === "ack";
  if (!decided) await giveUp(deps, delivery.command);
  return "ack";
}

/** Ends a command without the steps that failed. A cancel that cannot be carried out leaves the seat to its user. */
async function giveUp(deps: WorkerDeps, command: Command): Promise<void> {
  deps.log.error(
    { event: "command_given_up", kind: command.kind, rid: command.rid },
    "a command cannot be delivered",
  );
  const decisions = await retrying(() => rejectIfUndecided(deps.database, command, deps.now()), {
    firstWaitMs: 50,
    maxWaitMs: 2_000,
    mayRetry: isTransient,
    onRetry: (err, attempt) => deps.log.warn({ event: "give_up_retried", attempt, err }, "giving up again"),
    signal: deps.stopping,
    clock: deps.clock,
  });
  crashPoint("worker.dead_letter_rejected");
  await settleDecisions(deps, [command], decisions, (rivals) => handleRivals(deps, rivals));
}

/** Under the stock's lock like every decision: the worker that was too slow to deliver may be deciding the same rid now. */
async function rejectIfUndecided(database: Database, command: Command, nowMs: number): Promise<Decision[]> {
  return await database.withConnection(async (connection) => {
    await connection.beginTransaction();
    await lockStock(connection, [command], STATEMENT_TIMEOUT_MS);
    if (command.kind === "reserve") {
      const values = rejection(command, nowMs);
      await connection.query({ sql: REJECT_IF_UNDECIDED, timeout: STATEMENT_TIMEOUT_MS, values });
    }
    const ledger = await readLedger(connection, [command], STATEMENT_TIMEOUT_MS);
    await connection.commit();
    return ledger.decisions.has(command.rid) ? decisionsToSettle(ledger, [command]) : [];
  });
}

function rejection({ lectureId, rid, userId, claimedAtMs }: ReserveCommand, nowMs: number): unknown[] {
  return [lectureId, rid, userId, new Date(claimedAtMs), new Date(nowMs)];
}
