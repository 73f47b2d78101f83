import { holdsSeat } from "../../../contract/reservation.ts";
import type { DecisionRows } from "../../../worker/decision-rows.ts";
import { modelError } from "../model-error.ts";
import { amendStatements, termsColumns } from "./amend-statements.ts";
import type { Statement, Understand } from "./statement.ts";
import type { ReservationRow, StockRow, Tables } from "./tables.ts";

/**
 * Lectern's statements, each recognised by its beginning. Relevant conditions are searched in the
 * text, so that a statement without one behaves as in MySQL.
 */
const statements: [beginning: RegExp, Understand][] = [
  ...amendStatements,
  [
    /^SELECT lecture_id AS lectureId, remaining, cancelled, .* FROM stock WHERE lecture_id IN/,
    lockStock,
  ],
  [/^SELECT lecture_id AS lectureId, rid, .* FROM reservation WHERE \(lecture_id/, selectDecisions],
  [
    /^SELECT lecture_id AS lectureId, rid, .* FROM reservation WHERE lecture_id = \? AND rid = \?$/,
    selectOne,
  ],
  [
    /^SELECT stock.lecture_id AS lectureId, rid, .* FROM stock LEFT JOIN reservation/,
    selectWithTerms,
  ],
  [/^SELECT STRAIGHT_JOIN own.lecture_id AS ownId,/, selectOverlaps],
  [/^SELECT rid, user_id AS userId, status, claimed_at AS claimedAt FROM reservation/, selectPage],
  [
    /^SELECT lecture_id AS lectureId, target AS capacity, version, .* FROM stock WHERE closes_at/,
    selectLectures,
  ],
  [/^UPDATE stock SET remaining = remaining - \?/, takeSeats],
  [
    /^UPDATE reservation SET status = 'cancelled', decided_at = \? WHERE lecture_id = \? AND rid = \?/,
    cancel,
  ],
  [/^INSERT INTO reservation \([a-z_, ]+\) VALUES \?$/, insertDecisions],
  [/^INSERT INTO reservation \([a-z_, ]+\) VALUES \(\?, \?, \?, 'rejected'/, rejectIfUndecided],
];

const understood = new Map<string, { text: string; understand: Understand }>();

/** Throws on an unknown statement, which the simulation must then learn. */
export function understand(tables: Tables, sql: string, values: unknown[]): Statement {
  let known = understood.get(sql);
  if (!known) {
    const text = sql.replace(/\s+/g, " ").trim();
    const found = statements.find(([beginning]) => beginning.test(text));
    if (!found) throw modelError(`the simulated MySQL does not know this statement: ${text}`);
    known = { text, understand: found[1] };
    understood.set(sql, known);
  }
  return known.understand(tables, known.text, values);
}

function lockStock(tables: Tables, sql: string, [ids]: unknown[]): Statement {
  const lectureIds = ids as string[];
  const locking = sql.includes("FOR UPDATE");
  return {
    needs: locking ? lectureIds : [],
    run(own) {
      if (locking) for (const id of lectureIds) if (tables.stock.has(id)) own.locks.add(id);
      return lectureIds.flatMap((lectureId) => {
        const row = tables.stockSeen(lectureId, own);
        return row ? [{ lectureId, ...seatsOf(row) }] : [];
      });
    },
  };
}

function seatsOf({ remaining, capacity, terms }: StockRow) {
  return { remaining, cancelled: terms.cancelled ? 1 : 0, sinking: capacity - terms.capacity };
}

/** A plain or locking read of the reservations. */
function select(
  tables: Tables,
  pick: (rows: ReservationRow[]) => ReservationRow[],
  locking = false,
): Statement {
  return {
    needs: [],
    run: (own) => pick([...tables.rowsSeen(own, locking).values()]).map(decisionOf),
  };
}

/** `(lecture_id = ? AND column IN (?)) OR …`, two values each. */
function selectDecisions(tables: Tables, sql: string, values: unknown[]): Statement {
  const byUser = sql.includes("active_user_id IN");
  const wanted = (row: ReservationRow) => matches(row, byUser, values);
  return select(tables, (rows) => rows.filter(wanted), sql.includes("FOR UPDATE"));
}

function matches(row: ReservationRow, byUser: boolean, values: unknown[]): boolean {
  for (let at = 0; at < values.length; at += 2) {
    if (row.lectureId !== values[at]) continue;
    const among = values[at + 1] as string[];
    if (byUser ? holdsSeat(row.status) && among.includes(row.userId) : among.includes(row.rid))
      return true;
  }
  return false;
}

function selectOne(tables: Tables, _sql: string, [lectureId, rid]: unknown[]): Statement {
  return select(tables, (rows) =>
    rows.filter((row) => row.rid === rid && row.lectureId === lectureId),
  );
}

/** A lecture's terms, and the decision on a rid beside them. */
function selectWithTerms(tables: Tables, _sql: string, [rid, lectureId]: unknown[]): Statement {
  return {
    needs: [],
    run(own) {
      const stock = tables.stockSeen(lectureId as string, own);
      const row = tables.rowsSeen(own, false).get(rid as string);
      const decided =
        row?.lectureId === lectureId ? decisionOf(row as ReservationRow) : { rid: null };
      return stock ? [{ lectureId, ...termsColumns(stock.terms), ...decided }] : [];
    },
  };
}

/** Seats at lectures outside the world: every second question finds one. */
function selectOverlaps(tables: Tables): Statement {
  return {
    needs: [],
    run: () => (tables.askedForOverlaps() % 2 === 0 ? [{ lectureId: "999" }] : []),
  };
}

function selectPage(tables: Tables, _sql: string, [lectureId, after, limit]: unknown[]): Statement {
  return select(tables, (rows) =>
    rows
      .filter((row) => row.lectureId === lectureId && row.rid > (after as string))
      .sort((a, b) => (a.rid < b.rid ? -1 : 1))
      .slice(0, limit as number),
  );
}

function selectLectures(tables: Tables): Statement {
  return {
    needs: [],
    run: () =>
      [...tables.stock].map(([lectureId, { terms }]) => ({ lectureId, ...termsColumns(terms) })),
  };
}

function takeSeats(tables: Tables, sql: string, values: unknown[]): Statement {
  const [seats, lectureId, atLeast] = values as [number, string, number | undefined];
  const conditional = /WHERE lecture_id = \? AND CAST\(remaining AS SIGNED\) >= \?$/.test(sql);
  return {
    needs: [lectureId],
    run: (own) => ({
      affectedRows: tables.takeSeats(
        own,
        lectureId,
        seats,
        conditional ? Number(atLeast) : Number.NEGATIVE_INFINITY,
      ),
    }),
  };
}

function cancel(tables: Tables, sql: string, values: unknown[]): Statement {
  const [decidedAt, lectureId, rid] = values as [Date, string, string];
  const onlyConfirmed = sql.includes("AND status = 'confirmed'");
  return {
    needs: [rid],
    run(own) {
      const row = tables.rowsSeen(own, true).get(rid);
      if (row?.lectureId !== lectureId || (onlyConfirmed && row.status !== "confirmed"))
        return { affectedRows: 0 };
      tables.write(own, { ...row, status: "cancelled", decidedAtMs: decidedAt.getTime() });
      return { affectedRows: 1 };
    },
  };
}

function insertDecisions(tables: Tables, _sql: string, [rows]: unknown[]): Statement {
  const inserted = (rows as DecisionRows).decisions.map(
    ({ reason, ...row }): ReservationRow => ({ ...row, reason: reason ?? null }),
  );
  return {
    needs: inserted.map(({ rid }) => rid),
    run(own) {
      for (const row of inserted) tables.insert(own, row);
      return { affectedRows: inserted.length };
    },
  };
}

function rejectIfUndecided(tables: Tables, sql: string, values: unknown[]): Statement {
  const [lectureId, rid, userId] = values as [string, string, string];
  const [claimedAt, decidedAt] = values.slice(3) as [Date, Date];
  const row: ReservationRow = {
    lectureId,
    rid,
    userId,
    status: "rejected",
    reason: "undeliverable",
    claimedAtMs: claimedAt.getTime(),
    decidedAtMs: decidedAt.getTime(),
  };
  const update = / ON DUPLICATE KEY UPDATE (.*)$/.exec(sql)?.[1];
  return {
    needs: [row.rid],
    run(own) {
      const known = tables.findDuplicate(row, own);
      if (!known || update === undefined) tables.insert(own, row);
      else if (update.startsWith("status = "))
        tables.write(own, { ...known, status: "rejected", reason: row.reason });
      else if (update !== "rid = rid")
        throw modelError(`the simulated MySQL does not know this update: ${update}`);
      return { affectedRows: known ? 0 : 1 };
    },
  };
}

function decisionOf({ claimedAtMs, decidedAtMs, ...row }: ReservationRow) {
  return { ...row, claimedAt: new Date(claimedAtMs), decidedAt: new Date(decidedAtMs) };
}
