import type { PoolConnection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import type { AmendmentOutcome, AmendmentRefusal } from "../contract/amendment.ts";
import type { AmendCommand } from "../contract/command.ts";
import type { LectureId, Rid } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import type { LectureStock, Ruling } from "./amend-rules.ts";
import { Contradiction } from "./rules.ts";

const SELECT_AMENDMENT =
  "SELECT outcome, reason, version FROM amendment WHERE lecture_id = ? AND rid = ?";

const SELECT_DECIDED = "SELECT rid FROM amendment WHERE lecture_id = ? AND rid IN (?)";

const INSERT_AMENDMENT = `
  INSERT INTO amendment (lecture_id, rid, outcome, reason, version, change_asked, before_terms,
                         after_terms, by_user, requested_at, decided_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_STOCK = `
  INSERT INTO stock (capacity, remaining, target, version, published, cancelled,
                     opens_at, closes_at, starts_at, ends_at, cancel_until, audience,
                     amended_at, lecture_id)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), ?)`;

/** `remaining` comes last: a check compares it with the capacity. */
const UPDATE_STOCK = `
  UPDATE stock
     SET capacity = ?, remaining = ?, target = ?, version = ?, published = ?, cancelled = ?,
         opens_at = ?, closes_at = ?, starts_at = ?, ends_at = ?, cancel_until = ?, audience = ?,
         amended_at = UTC_TIMESTAMP(3)
   WHERE lecture_id = ?`;

const SINK_STOCK = "UPDATE stock SET capacity = ?, remaining = ? WHERE lecture_id = ?";

const CANCEL_SEATS = `
  UPDATE reservation SET status = 'cancelled', reason = 'lecture_cancelled', decided_at = ?
   WHERE lecture_id = ? AND status = 'confirmed'`;

const STATEMENT_TIMEOUT_MS = 15_000;

/** Cancelling the seats of a large lecture takes seconds, in one statement. */
const CANCEL_TIMEOUT_MS = 120_000;

/** The decision on an amendment, as it stands. */
export interface Amended {
  outcome: AmendmentOutcome;
  reason?: AmendmentRefusal;
  version: number;
}

interface AmendmentRow extends RowDataPacket {
  outcome: AmendmentOutcome;
  reason: AmendmentRefusal | null;
  version: number;
}

/** The decision that stands on a rid; undefined before it. */
export async function findAmended(
  connection: PoolConnection,
  { lectureId, rid }: AmendCommand,
): Promise<Amended | undefined> {
  const [[row]] = await connection.query<AmendmentRow[]>({
    sql: SELECT_AMENDMENT,
    timeout: STATEMENT_TIMEOUT_MS,
    values: [lectureId, rid],
  });
  if (!row) return undefined;
  const { outcome, reason, version } = row;
  return { outcome, version, ...(reason !== null && { reason }) };
}

/** Those of the rids whose amendment is decided. */
export async function findDecidedAmendments(
  database: Database,
  lectureId: LectureId,
  rids: Rid[],
): Promise<Rid[]> {
  const [rows] = await database.withConnection((connection) =>
    connection.query<RowDataPacket[]>({
      sql: SELECT_DECIDED,
      timeout: STATEMENT_TIMEOUT_MS,
      values: [lectureId, rids],
    }),
  );
  return rows.map(({ rid }) => String(rid));
}

/** Writes a ruling inside the caller's transaction, which has locked the lecture. */
export async function writeRuling(
  connection: PoolConnection,
  command: AmendCommand,
  ruling: Exclude<Ruling, { outcome: "fence_needed" }>,
  nowMs: number,
): Promise<void> {
  const write = async (sql: string, values: unknown[], timeout = STATEMENT_TIMEOUT_MS) =>
    (await connection.query<ResultSetHeader>({ sql, timeout, values }))[0].affectedRows;
  const { lectureId } = command;

  if (ruling.outcome === "sunk") {
    const { capacity, remaining } = ruling.after;
    expectOne(await write(SINK_STOCK, [capacity, remaining, lectureId]), lectureId);
    return;
  }
  if (ruling.outcome === "applied") {
    if (ruling.cancelsSeats)
      await write(CANCEL_SEATS, [new Date(nowMs), lectureId], CANCEL_TIMEOUT_MS);
    const sql = ruling.before === null ? INSERT_STOCK : UPDATE_STOCK;
    expectOne(await write(sql, [...columnsOf(ruling.after), lectureId]), lectureId);
  }
  expectOne(await write(INSERT_AMENDMENT, amendmentRow(command, ruling, nowMs)), lectureId);
}

function columnsOf({ terms, capacity, remaining }: LectureStock): unknown[] {
  const { published, cancelled, version, cancelUntilMs } = terms;
  const { opensAtMs, closesAtMs, startsAtMs, endsAtMs } = terms;
  const times = [opensAtMs, closesAtMs, startsAtMs, endsAtMs].map((atMs) => new Date(atMs));
  const cancelUntil = cancelUntilMs === null ? null : new Date(cancelUntilMs);
  const audience = JSON.stringify(terms.audience);
  const seats = [capacity, remaining, terms.capacity];
  return [...seats, version, published, cancelled, ...times, cancelUntil, audience];
}

function amendmentRow(
  { lectureId, rid, userId, change, requestedAtMs }: AmendCommand,
  ruling: Extract<Ruling, { outcome: AmendmentOutcome }>,
  nowMs: number,
): unknown[] {
  const decided =
    ruling.outcome === "refused"
      ? { reason: ruling.reason, version: ruling.version, before: null, after: null }
      : {
          reason: null,
          version: ruling.after.terms.version,
          before: ruling.before,
          after: ruling.after.terms,
        };
  return [
    lectureId,
    rid,
    ruling.outcome,
    decided.reason,
    decided.version,
    JSON.stringify(change),
    written(decided.before),
    written(decided.after),
    userId,
    new Date(requestedAtMs),
    new Date(nowMs),
  ];
}

function written(terms: Terms | null): string | null {
  return terms && JSON.stringify(terms);
}

function expectOne(changed: number, lectureId: LectureId): void {
  if (changed !== 1)
    throw new Contradiction(
      `an amendment of lecture ${lectureId} changed ${changed} rows, not one`,
    );
}
