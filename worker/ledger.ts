import type { PoolConnection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import type { SeatCommand } from "../contract/command.ts";
import type { LectureId } from "../contract/ids.ts";
import type { DecisionStatus, RejectReason } from "../contract/reservation.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { DECISION_COLUMNS, DecisionRows } from "./decision-rows.ts";
import { activeKey, type Changes, Contradiction, type Decision, type Ledger } from "./rules.ts";

const LOCK_STOCK = `
  SELECT lecture_id AS lectureId, remaining, cancelled,
         CAST(capacity AS SIGNED) - CAST(target AS SIGNED) AS sinking
    FROM stock WHERE lecture_id IN (?) ORDER BY lecture_id FOR UPDATE`;

const SELECT_DECISIONS = `
  SELECT lecture_id AS lectureId, rid, user_id AS userId, status, reason,
         claimed_at AS claimedAt, decided_at AS decidedAt
    FROM reservation WHERE `;

const TAKE_SEATS =
  "UPDATE stock SET remaining = remaining - ? WHERE lecture_id = ? AND CAST(remaining AS SIGNED) >= ?";

const SINK_SEATS = `
  UPDATE stock SET capacity = capacity - ?
   WHERE lecture_id = ? AND CAST(capacity AS SIGNED) - CAST(target AS SIGNED) >= ?`;

const INSERT_DECISIONS = `INSERT INTO reservation (${DECISION_COLUMNS}) VALUES ?`;

const CANCEL_DECISION = `
  UPDATE reservation SET status = 'cancelled', decided_at = ?
   WHERE lecture_id = ? AND rid = ? AND status = 'confirmed'`;

interface StockRow extends RowDataPacket {
  lectureId: string | number;
  remaining: number;
  cancelled: number;
  sinking: string | number;
}

interface DecisionRow extends RowDataPacket {
  lectureId: string | number;
  rid: string;
  userId: string;
  status: DecisionStatus;
  reason: RejectReason | null;
  claimedAt: Date;
  decidedAt: Date;
}

/**
 * Reads the ledger for these commands, inside the caller's transaction. The stock rows are locked
 * first, by lecture id. Until the commit no other transaction decides about these lectures, and two
 * batches cannot deadlock.
 */
export async function readLedger(
  connection: PoolConnection,
  commands: SeatCommand[],
  timeoutMs: number,
): Promise<Ledger> {
  const stock = await lockStock(connection, commands, timeoutMs);
  const decisions = await findDecisions(connection, commands, timeoutMs);
  const active = await findActive(connection, commands, timeoutMs);
  return ledgerOf(stock, decisions, active);
}

/**
 * A ledger that takes all commands for new: nothing decided, no seats. Locks as `readLedger` does.
 */
export async function newLedger(
  connection: PoolConnection,
  commands: SeatCommand[],
  timeoutMs: number,
): Promise<Ledger> {
  return ledgerOf(await lockStock(connection, commands, timeoutMs), [], []);
}

/** Locks the lectures' stock rows until the transaction ends: the first act of every decision. */
export async function lockStock(
  connection: PoolConnection,
  commands: SeatCommand[],
  timeoutMs: number,
): Promise<StockRow[]> {
  const lectureIds = [...new Set(commands.map(({ lectureId }) => lectureId))];
  const [stock] = await connection.query<StockRow[]>({
    sql: LOCK_STOCK,
    timeout: timeoutMs,
    values: [lectureIds],
  });
  return stock;
}

/** The decisions on the rids of these commands. */
async function findDecisions(
  connection: PoolConnection,
  commands: SeatCommand[],
  timeoutMs: number,
): Promise<Decision[]> {
  return await selectDecisions(connection, "rid", commands, timeoutMs);
}

/** The confirmed decisions of the commands' users, of the same lectures. */
async function findActive(
  connection: PoolConnection,
  commands: SeatCommand[],
  timeoutMs: number,
): Promise<Decision[]> {
  return await selectDecisions(connection, "active_user_id", commands, timeoutMs);
}

async function selectDecisions(
  connection: PoolConnection,
  column: "rid" | "active_user_id",
  commands: SeatCommand[],
  timeoutMs: number,
): Promise<Decision[]> {
  const lectures = Map.groupBy(commands, (command) => command.lectureId);
  const sql = SELECT_DECISIONS + anyOf(column, lectures.size);
  const values = pairs(lectures, ({ rid, userId }) => (column === "rid" ? rid : userId));
  const [rows] = await connection.query<DecisionRow[]>({ sql, timeout: timeoutMs, values });
  return rows.map(decisionOf);
}

/** One index range for each lecture: `(lecture_id = ? AND column IN (?)) OR …`. */
function anyOf(column: string, lectures: number): string {
  return Array.from({ length: lectures }, () => `(lecture_id = ? AND ${column} IN (?))`).join(
    " OR ",
  );
}

function pairs(
  lectures: Map<LectureId, SeatCommand[]>,
  pick: (command: SeatCommand) => string,
): unknown[] {
  return [...lectures].flatMap(([lectureId, commands]) => [
    lectureId,
    [...new Set(commands.map(pick))],
  ]);
}

/** A row read twice becomes one object: a change to it shows under its rid and under its user. */
function ledgerOf(stock: StockRow[], decided: Decision[], active: Decision[]): Ledger {
  const decisions = new Map(decided.map((decision) => [decision.rid, decision]));
  return {
    stock: new Map(
      stock.map(({ lectureId, remaining, cancelled, sinking }) => [
        String(lectureId),
        { remaining, cancelled: cancelled === 1, sinking: Number(sinking) },
      ]),
    ),
    decisions,
    active: new Map(
      active.map((decision) => [
        activeKey(decision.lectureId, decision.userId),
        decisions.get(decision.rid) ?? decision,
      ]),
    ),
  };
}

function decisionOf(row: DecisionRow): Decision {
  return {
    rid: row.rid,
    lectureId: String(row.lectureId),
    userId: row.userId,
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    claimedAtMs: row.claimedAt.getTime(),
    decidedAtMs: row.decidedAt.getTime(),
  };
}

/**
 * Writes a batch's changes, inside the caller's transaction. The stock goes first: batches that
 * inserted first deadlocked. Throws a Contradiction when a row differs from the locked ledger; the
 * caller must roll back.
 */
export async function writeChanges(
  connection: PoolConnection,
  changes: Changes,
  timeoutMs: number,
): Promise<void> {
  const write = async (sql: string, values: unknown[]) =>
    (await connection.query<ResultSetHeader>({ sql, timeout: timeoutMs, values }))[0].affectedRows;

  for (const [lectureId, seats] of changes.seatsTaken) {
    if (seats === 0) continue;
    expectRows(
      1,
      await write(TAKE_SEATS, [seats, lectureId, seats]),
      `the seats left of lecture ${lectureId}`,
    );
  }
  for (const [lectureId, seats] of changes.seatsSunk) {
    expectRows(
      1,
      await write(SINK_SEATS, [seats, lectureId, seats]),
      `the sinking capacity of lecture ${lectureId}`,
    );
  }
  crashPoint("worker.seats_taken");
  for (const { lectureId, rid, decidedAtMs } of changes.cancelled) {
    expectRows(
      1,
      await write(CANCEL_DECISION, [new Date(decidedAtMs), lectureId, rid]),
      `the cancel of ${rid}`,
    );
  }
  if (changes.decided.size > 0) {
    const rows = new DecisionRows(changes.decided);
    expectRows(
      rows.decisions.length,
      await write(INSERT_DECISIONS, [rows]),
      "the decisions of the batch",
    );
  }
}

function expectRows(expected: number, changed: number, what: string): void {
  if (changed !== expected)
    throw new Contradiction(`${what}: ${changed} rows changed where ${expected} had to`);
}
