import type { Amendment } from "../../../contract/amendment.ts";
import { holdsSeat } from "../../../contract/reservation.ts";
import type { LectureStock } from "../../../worker/amend-rules.ts";
import type { Decision } from "../../../worker/rules.ts";

export type StockRow = LectureStock;

/** What decides about an amendment, as its row tells it. */
export interface AmendmentRow {
  lectureId: string;
  rid: string;
  outcome: Exclude<Amendment["status"], "pending">;
  reason: string | null;
  version: number;
  decidedAtMs: number;
}

export interface ReservationRow extends Omit<Decision, "reason"> {
  reason: string | null;
}

/** A row change that takes place with its transaction's commit. */
export type Change =
  | { stock: string; row: StockRow }
  | { reservation: ReservationRow }
  | { amendment: AmendmentRow };

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
  const stock = new Map<string, StockRow>();
  const amendments = new Map<string, AmendmentRow>();
  let reservations: ReadonlyMap<string, ReservationRow> = new Map();
  const open = new Set<Transaction>();
  let overlapsAsked = 0;

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
    let row = stock.get(lectureId);
    for (const change of own.changes) {
      if ("stock" in change && change.stock === lectureId) row = change.row;
    }
    return row;
  }

  /** Writes a stock row; the unsigned columns and the check hold. */
  function writeStock(own: Transaction, lectureId: string, row: StockRow): void {
    if (row.remaining < 0 || row.capacity < 0)
      throw new MysqlError("ER_DATA_OUT_OF_RANGE", "BIGINT UNSIGNED value is out of range");
    if (row.remaining > row.capacity)
      throw new MysqlError("ER_CONSTRAINT_FAILED", "stock_within_capacity");
    own.locks.add(lectureId);
    own.changes.push({ stock: lectureId, row });
  }

  function amendmentSeen(rid: string, own: Transaction): AmendmentRow | undefined {
    for (const change of own.changes)
      if ("amendment" in change && change.amendment.rid === rid) return change.amendment;
    return amendments.get(rid);
  }

  /** One row for each rid, and for each version of a lecture. */
  function insertAmendment(own: Transaction, row: AmendmentRow): void {
    const isSameVersion = (other: AmendmentRow) =>
      row.outcome === "applied" &&
      other.outcome === "applied" &&
      other.lectureId === row.lectureId &&
      other.version === row.version;
    if (amendmentSeen(row.rid, own) || amendments.values().some(isSameVersion))
      throw new MysqlError("ER_DUP_ENTRY", `Duplicate entry for ${row.rid}`);
    own.locks.add(row.rid);
    own.changes.push({ amendment: row });
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
    writeStock(own, lectureId, { ...row, remaining: row.remaining - seats });
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
      else if ("amendment" in change) amendments.set(change.amendment.rid, change.amendment);
      else stock.set(change.stock, change.row);
    }
    reservations = rows;
    end(transaction);
  }

  return {
    stock,
    /** the committed amendments, by rid */
    amendments: amendments as ReadonlyMap<string, AmendmentRow>,
    amendmentSeen,
    insertAmendment,
    writeStock,
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
    /** counts the questions for seats at other lectures, from 0 */
    askedForOverlaps: () => overlapsAsked++,
  };
}

export type Tables = ReturnType<typeof createTables>;
