import { holdsSeat } from "../../../contract/reservation.ts";
import type { Terms } from "../../../contract/terms.ts";
import type { Statement, Understand } from "./statement.ts";
import type { AmendmentRow, StockRow, Tables } from "./tables.ts";

/** The statements that amendments need: see statements.ts. */
export const amendStatements: [beginning: RegExp, Understand][] = [
  [/^SELECT lecture_id AS lectureId, capacity AS seats, .* WHERE lecture_id = \?/, selectStock],
  [/^SELECT lecture_id AS lectureId, capacity AS seats, .* WHERE closes_at/, selectAllStock],
  [/^SELECT outcome, reason, version FROM amendment/, selectAmended],
  [/^SELECT rid FROM amendment WHERE lecture_id = \? AND rid IN/, selectDecided],
  [/^SELECT rid, outcome, .* FROM amendment WHERE lecture_id = \? AND rid = \?$/, selectAmendment],
  [/^INSERT INTO amendment /, insertAmendment],
  [/^UPDATE stock SET capacity = \?, remaining = \?, target = \?/, amendStock],
  [/^UPDATE stock SET capacity = \?, remaining = \? WHERE lecture_id = \?$/, sinkStock],
  [/^UPDATE stock SET capacity = capacity - \?/, sinkSeats],
  [/^UPDATE reservation SET status = 'cancelled', reason = 'lecture_cancelled'/, cancelSeats],
];

/** The columns of a row's terms, as MySQL gives them. */
export function termsColumns(terms: Terms) {
  const { version, published, cancelled, capacity, audience } = terms;
  return {
    version,
    published: published ? 1 : 0,
    cancelled: cancelled ? 1 : 0,
    capacity,
    opensAt: new Date(terms.opensAtMs),
    closesAt: new Date(terms.closesAtMs),
    startsAt: new Date(terms.startsAtMs),
    endsAt: new Date(terms.endsAtMs),
    cancelUntil: terms.cancelUntilMs === null ? null : new Date(terms.cancelUntilMs),
    audience: JSON.stringify(audience),
  };
}

function stockColumns(lectureId: string, { terms, capacity, remaining }: StockRow) {
  return { lectureId, seats: capacity, remaining, ...termsColumns(terms) };
}

function selectStock(tables: Tables, sql: string, values: unknown[]): Statement {
  const lectureId = String(values[0]);
  const locking = sql.includes("FOR UPDATE");
  return {
    needs: locking ? [lectureId] : [],
    run(own) {
      const row = tables.stockSeen(lectureId, own);
      if (row && locking) own.locks.add(lectureId);
      return row ? [stockColumns(lectureId, row)] : [];
    },
  };
}

function selectAllStock(tables: Tables): Statement {
  return { needs: [], run: () => [...tables.stock].map(([id, row]) => stockColumns(id, row)) };
}

function selectAmended(tables: Tables, _sql: string, [, rid]: unknown[]): Statement {
  return {
    needs: [],
    run(own) {
      const row = tables.amendmentSeen(String(rid), own);
      return row ? [{ outcome: row.outcome, reason: row.reason, version: row.version }] : [];
    },
  };
}

function selectDecided(tables: Tables, _sql: string, [, rids]: unknown[]): Statement {
  const among = (rids as string[]).filter((rid) => tables.amendments.has(rid));
  return {
    needs: [],
    run: () => among.filter((rid) => tables.amendments.has(rid)).map((rid) => ({ rid })),
  };
}

function selectAmendment(tables: Tables, _sql: string, [, rid]: unknown[]): Statement {
  return {
    needs: [],
    run() {
      const row = tables.amendments.get(String(rid));
      return row ? [{ ...row, ...TOLD, decidedAt: new Date(row.decidedAtMs) }] : [];
    },
  };
}

/** Columns that nobody here decides by. */
const TOLD = {
  changeAsked: "{}",
  beforeTerms: null,
  afterTerms: null,
  byUser: "organiser",
  requestedAt: new Date(0),
};

function insertAmendment(tables: Tables, _sql: string, values: unknown[]): Statement {
  const [lectureId, rid, outcome, reason, version, , , , , , decidedAt] = values;
  const row: AmendmentRow = {
    lectureId: String(lectureId),
    rid: String(rid),
    outcome: outcome as AmendmentRow["outcome"],
    reason: reason as string | null,
    version: Number(version),
    decidedAtMs: (decidedAt as Date).getTime(),
  };
  return {
    needs: [row.rid],
    run(own) {
      tables.insertAmendment(own, row);
      return { affectedRows: 1 };
    },
  };
}

function amendStock(tables: Tables, _sql: string, values: unknown[]): Statement {
  const [capacity, remaining, target, version, published, cancelled, ...more] = values;
  const [opensAt, closesAt, startsAt, endsAt, cancelUntil, audience, lectureId] = more;
  const ms = (date: unknown) => (date as Date).getTime();
  const row: StockRow = {
    capacity: Number(capacity),
    remaining: Number(remaining),
    terms: {
      version: Number(version),
      published: published === true,
      cancelled: cancelled === true,
      opensAtMs: ms(opensAt),
      closesAtMs: ms(closesAt),
      startsAtMs: ms(startsAt),
      endsAtMs: ms(endsAt),
      cancelUntilMs: cancelUntil === null ? null : ms(cancelUntil),
      capacity: Number(target),
      audience: JSON.parse(String(audience)) as string[],
    },
  };
  return written(tables, String(lectureId), () => row);
}

function sinkStock(tables: Tables, _sql: string, values: unknown[]): Statement {
  const [capacity, remaining, lectureId] = values;
  const seats = { capacity: Number(capacity), remaining: Number(remaining) };
  return written(tables, String(lectureId), (row) => ({ ...row, ...seats }));
}

function sinkSeats(tables: Tables, sql: string, [seats, lectureId, atLeast]: unknown[]): Statement {
  const conditional = sql.includes(">= ?");
  return written(tables, String(lectureId), (row) => {
    const isEnough = row.capacity - row.terms.capacity >= Number(atLeast);
    return conditional && !isEnough
      ? undefined
      : { ...row, capacity: row.capacity - Number(seats) };
  });
}

/** @param change undefined where the row does not meet the condition */
function written(
  tables: Tables,
  lectureId: string,
  change: (row: StockRow) => StockRow | undefined,
): Statement {
  return {
    needs: [lectureId],
    run(own) {
      const row = tables.stockSeen(lectureId, own);
      const changed = row && change(row);
      if (!changed) return { affectedRows: 0 };
      tables.writeStock(own, lectureId, changed);
      return { affectedRows: 1 };
    },
  };
}

function cancelSeats(tables: Tables, _sql: string, [decidedAt, lectureId]: unknown[]): Statement {
  return {
    needs: [],
    run(own) {
      const seats = [...tables.rowsSeen(own, true).values()].filter(
        (row) => row.lectureId === lectureId && holdsSeat(row.status),
      );
      const decidedAtMs = (decidedAt as Date).getTime();
      for (const row of seats)
        tables.write(own, {
          ...row,
          status: "cancelled",
          reason: "lecture_cancelled",
          decidedAtMs,
        });
      return { affectedRows: seats.length };
    },
  };
}
