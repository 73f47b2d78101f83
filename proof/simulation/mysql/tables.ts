import { holdsSeat } from "../../../contract/reservation.ts";
import type { Decision } from "../../../worker/rules.ts";

export interface LectureRow {
  id: string;
  opensAtMs: number;
  closesAtMs: number;
  capacity: number;
}

export interface StockRow {
  capacity: number;
  remaining: number;
}

export interface ReservationRow extends Omit<Decision, "reason"> {
  reason: string | null;
}

/** A row change that takes place with its transaction's commit. */
export type Change = { stock: string; remaining: number } | { reservation: ReservationRow };

export interface Transaction {
  /** its changes, in order */
  changes: Change[];
  /** its locked stock rows, by lecture, and its written reservation rows, by rid */
  locks: Set<string>;
  /** the rows at its first read without locks */
  snapshot: ReadonlyMap<string, ReservationRow> | undefined;
  over: boolean;
}

export class MysqlError extends Error {
  readonly errno: number;

  constructor(
    readonly code: keyof typeof errnoOf,
    message: string,
  ) {
    super(message);
    this.errno = errnoOf[code];
  }
}

const errnoOf = {
  ER_DUP_ENTRY: 1062,
  ER_LOCK_DEADLOCK: 1213,
  ER_DATA_OUT_OF_RANGE: 1690,
  ER_CONSTRAINT_FAILED: 4025,
  /** the client's own */
  PROTOCOL_CONNECTION_LOST: 0,
};

/**
 * The tables as InnoDB keeps them at REPEATABLE READ. Row locks last until the end of a
 * transaction. Plain reads use the snapshot of the first one; locking reads and changes use
 * committed rows. Unique keys, the unsigned column and the check on the stock hold.
 */
export function createTables() {
  const lectures = new Map<string, LectureRow>();
  const stock = new Map<string, StockRow>();
  let reservations: ReadonlyMap<string, ReservationRow> = new Map();
  const open = new Set<Transaction>();

  function begin(): Transaction {
    const transaction = { changes: [], locks: new Set<string>(), snapshot: undefined, over: false };
    open.add(transaction);
    return transaction;
  }

  function end(transaction: Transaction): void {
    transaction.over = true;
    open.delete(transaction);
  }

  /** Says whether another transaction has locked one of these. */
  function lockedByAnother(names: string[], own?: Transaction): boolean {
    for (const transaction of open) {
      if (transaction !== own && names.some((name) => transaction.locks.has(name))) return true;
    }
    return false;
  }

  function stockSeen(lectureId: string, own: Transaction): StockRow | undefined {
    const row = stock.get(lectureId);
    if (!row) return undefined;
    let { remaining } = row;
    for (const change of own.changes) {
      if ("stock" in change && change.stock === lectureId) remaining = change.remaining;
    }
    return { capacity: row.capacity, remaining };
  }

  /** Committed rows or those of a snapshot, overlaid with the transaction's own changes. */
  function rowsSeen(own: Transaction, locking: boolean): Map<string, ReservationRow> {
    if (!locking) own.snapshot ??= reservations;
    const rows = new Map(locking ? reservations : own.snapshot);
    for (const change of own.changes) {
      if ("reservation" in change) rows.set(change.reservation.rid, change.reservation);
    }
    return rows;
  }

  function takeSeats(own: Transaction, lectureId: string, seats: number, atLeast: number): number {
    const row = stockSeen(lectureId, own);
    if (!row || row.remaining < atLeast) return 0;
    const remaining = row.remaining - seats;
    if (remaining < 0)
      throw new MysqlError("ER_DATA_OUT_OF_RANGE", "BIGINT UNSIGNED value is out of range");
    if (remaining > row.capacity)
      throw new MysqlError("ER_CONSTRAINT_FAILED", "stock_within_capacity");
    own.locks.add(lectureId);
    own.changes.push({ stock: lectureId, remaining });
    return 1;
  }

  /** The row that violates a unique key together with this one. */
  function findDuplicate(row: ReservationRow, own: Transaction): ReservationRow | undefined {
    const rows = rowsSeen(own, true);
    const { rid, userId, lectureId, status } = row;
    if (rows.has(rid) || !holdsSeat(status)) return rows.get(rid);
    return [...rows.values()].find(
      (other) =>
        holdsSeat(other.status) && other.userId === userId && other.lectureId === lectureId,
    );
  }

  function write(own: Transaction, row: ReservationRow): void {
    own.locks.add(row.rid);
    own.changes.push({ reservation: row });
  }

  function insert(own: Transaction, row: ReservationRow): void {
    if (findDuplicate(row, own))
      throw new MysqlError("ER_DUP_ENTRY", `Duplicate entry for ${row.rid}`);
    write(own, row);
  }

  function commit(transaction: Transaction): void {
    if (transaction.over) return;
    const rows = new Map(reservations);
    for (const change of transaction.changes) {
      if ("reservation" in change) rows.set(change.reservation.rid, change.reservation);
      else (stock.get(change.stock) as StockRow).remaining = change.remaining;
    }
    reservations = rows;
    end(transaction);
  }

  return {
    lectures,
    stock,
    begin,
    commit,
    /** Ends a transaction without its changes. */
    rollback: end,
    lockedByAnother,
    stockSeen,
    rowsSeen,
    takeSeats,
    findDuplicate,
    insert,
    write,
    /** all committed rows, by rid */
    rows: () => reservations,
    openTransactions: () => open.size,
  };
}

export type Tables = ReturnType<typeof createTables>;
