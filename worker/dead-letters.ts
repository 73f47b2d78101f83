import type { Command, ReserveCommand, SeatCommand } from "../contract/command.ts";
import { noCase } from "../contract/no-case.ts";
import { isDataError } from "../database/data-error.ts";
import type { Database } from "../database/pool.ts";
import type { Verdict } from "../queue/batches.ts";
import type { Delivery } from "../queue/delivery.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { giveUpAmendment, settleAmendment } from "./amend.ts";
import { handleBatch, handleRivals } from "./batch.ts";
import type { Patience } from "./decide-all.ts";
import type { WorkerDeps } from "./deps.ts";
import { othersGoThrough } from "./fault.ts";
import { lockStock, readLedger } from "./ledger.ts";
import { retrying } from "./retry.ts";
import { type Decision, decisionsToSettle } from "./rules.ts";
import { settleDecisions } from "./settle.ts";

/** An existing decision stays as it is. */
const REJECT_IF_UNDECIDED = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, reason, claimed_at, decided_at)
  VALUES (?, ?, ?, 'rejected', 'undeliverable', ?, ?)
      ON DUPLICATE KEY UPDATE rid = rid`;

const STATEMENT_TIMEOUT_MS = 15_000;

/** One dead letter waits this long for the database; then the next letter has its turn. */
const TURN: Patience = { ms: 10_000, endless: false };

/** A command is given up after the loss of this many workers that tried it alone. */
export const LOST_WORKERS_MAX = 3;

/**
 * After the loss of this many workers that were giving a command up, the next letter has its turn. A
 * copy of the command in a partition may be what takes the workers down meanwhile.
 */
const GIVE_UPS_MAX = 5;

/**
 * Takes dead letters to their end, one by one, so that every claim ends in a decision.
 *
 * Each command is tried alone, whatever it died of: most die of an outage, or beside a command that
 * took the worker down. A command is rejected as `undeliverable` where the fault is its own, or
 * three workers were lost with it alone. A letter's turn lasts some seconds, so it does not delay
 * the letters behind it.
 *
 * A message that is no command is logged and dropped; its claim, if any, is swept.
 *
 * @returns one verdict for each delivery, in their order
 * @throws when the worker stops
 */
export async function handleDeadLetters(
  deps: WorkerDeps,
  deliveries: Delivery[],
): Promise<Verdict[]> {
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
  const { command, deliveryCount, suspected = 0 } = delivery;
  try {
    if (suspected >= LOST_WORKERS_MAX)
      return deliveryCount > GIVE_UPS_MAX ? "later" : await giveUp(deps, command);
    if (deliveryCount > 0) return await afterLostWorker(deps, command);
    const [verdict] = await handleBatch(deps, [delivery], TURN);
    return verdict === "ack" ? verdict : await giveUp(deps, command);
  } catch (err) {
    if (deps.stopping.aborted) throw err;
    deps.log.warn(
      { event: "dead_letter_postponed", kind: command.kind, rid: command.rid, err },
      "a dead letter waits, the next one has its turn",
    );
    return "later";
  }
}

/**
 * A lost worker counts only while the database takes other commands: an outage loses workers for
 * other reasons. The next delivery of the letter is its next trial.
 */
async function afterLostWorker(deps: WorkerDeps, command: Command): Promise<Verdict> {
  return (await othersGoThrough(deps, command)) ? "suspect" : "later";
}

/**
 * Ends a command without the steps that failed. A cancel given up leaves the seat to its user. An
 * amendment given up is refused, and leaves no fence.
 */
async function giveUp(deps: WorkerDeps, command: Command): Promise<Verdict> {
  if (command.kind === "amend") {
    const decided = await writeEnd(deps, command, () => giveUpAmendment(deps, command));
    await settleAmendment(deps, decided);
    return "ack";
  }
  const decisions = await writeEnd(deps, command, () =>
    rejectIfUndecided(deps.database, command, deps.now()),
  );
  await settleDecisions(deps, [command], decisions, (rivals) => handleRivals(deps, rivals, TURN));
  return "ack";
}

async function writeEnd<Decided>(
  deps: WorkerDeps,
  command: Command,
  write: () => Promise<Decided>,
): Promise<Decided> {
  const decided = await retrying(write, {
    firstWaitMs: 50,
    maxWaitMs: 2_000,
    giveUpAfterMs: TURN.ms,
    mayRetry: (error) => !isDataError(error),
    onRetry: (err, attempt) =>
      deps.log.warn({ event: "give_up_retried", attempt, err }, "giving up again"),
    signal: deps.stopping,
    clock: deps.clock,
  });
  deps.log.error(
    { event: "command_given_up", kind: command.kind, rid: command.rid },
    "a command cannot be delivered",
  );
  crashPoint("worker.dead_letter_rejected");
  return decided;
}

/**
 * Locks the stock like every decision: the worker that was too slow may decide the same rid now.
 */
async function rejectIfUndecided(
  database: Database,
  command: SeatCommand,
  nowMs: number,
): Promise<Decision[]> {
  return await database.withConnection(async (connection) => {
    await connection.beginTransaction();
    await lockStock(connection, [command], STATEMENT_TIMEOUT_MS);
    switch (command.kind) {
      case "reserve": {
        const values = rejection(command, nowMs);
        await connection.query({ sql: REJECT_IF_UNDECIDED, timeout: STATEMENT_TIMEOUT_MS, values });
        break;
      }
      case "cancel":
        break;
      default:
        noCase(command);
    }
    const ledger = await readLedger(connection, [command], STATEMENT_TIMEOUT_MS);
    await connection.commit();
    return ledger.decisions.has(command.rid) ? decisionsToSettle(ledger, [command]) : [];
  });
}

function rejection(
  { lectureId, rid, userId, claimedAtMs }: ReserveCommand,
  nowMs: number,
): unknown[] {
  return [lectureId, rid, userId, new Date(claimedAtMs), new Date(nowMs)];
}
