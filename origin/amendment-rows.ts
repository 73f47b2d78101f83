import type { RowDataPacket } from "mysql2/promise";
import type {
  Amendment,
  AmendmentOutcome,
  AmendmentPage,
  AmendmentRefusal,
} from "../contract/amendment.ts";
import { type LectureId, lectureOf, type Rid } from "../contract/ids.ts";
import { AMENDMENTS_MAX } from "../contract/origin-api.ts";
import type { Database } from "../database/pool.ts";
import type { Deadline } from "./deadline.ts";
import { select } from "./select.ts";

const COLUMNS = `
  SELECT rid, outcome, reason, version, change_asked AS changeAsked, before_terms AS beforeTerms,
         after_terms AS afterTerms, by_user AS byUser, requested_at AS requestedAt,
         decided_at AS decidedAt
    FROM amendment WHERE lecture_id = ?`;

const SELECT_ONE = `${COLUMNS} AND rid = ?`;
const LATEST_FIRST = ` ORDER BY decided_at DESC, rid DESC LIMIT ${AMENDMENTS_MAX + 1}`;
const SELECT_PAGE = `${COLUMNS}${LATEST_FIRST}`;
const OLDER = " AND (decided_at < ? OR (decided_at = ? AND rid < ?))";
const SELECT_PAGE_AFTER = `${COLUMNS}${OLDER}${LATEST_FIRST}`;

interface AmendmentRow extends RowDataPacket {
  rid: Rid;
  outcome: AmendmentOutcome;
  reason: AmendmentRefusal | null;
  version: number;
  changeAsked: string;
  beforeTerms: string | null;
  afterTerms: string | null;
  byUser: string;
  requestedAt: Date;
  decidedAt: Date;
}

/** Where a page of amendments begins: behind the amendment with this decision. */
export interface AmendmentPlace {
  decidedAtMs: number;
  rid: Rid;
}

const PLACE_FORM = /^(0|[1-9][0-9]{0,14})\.([1-9][0-9]{0,14}-[0-9a-f]{32})$/;

/** Reads a page's `next`; undefined for any other text. */
export function readAmendmentPlace(text: string): AmendmentPlace | undefined {
  const [, decidedAtMs, rid] = PLACE_FORM.exec(text) ?? [];
  return decidedAtMs === undefined || rid === undefined
    ? undefined
    : { decidedAtMs: Number(decidedAtMs), rid };
}

/** An amendment as decided; undefined before. Rejects if MySQL cannot be read. */
export async function findAmendment(
  database: Database,
  rid: Rid,
  deadline: Deadline,
): Promise<Amendment | undefined> {
  const lectureId = lectureOf(rid);
  const values = [lectureId, rid];
  const [row] = await select<AmendmentRow>(database, { sql: SELECT_ONE, values }, deadline);
  return row && amendmentOf(lectureId, row);
}

/** A page of a lecture's amendments, latest decision first. */
export async function readAmendmentPage(
  database: Database,
  {
    lectureId,
    limit,
    after,
  }: { lectureId: LectureId; limit: number; after?: AmendmentPlace | undefined },
  deadline: Deadline,
): Promise<AmendmentPage> {
  const before = after && new Date(after.decidedAtMs).toISOString().slice(0, -1);
  const query =
    after === undefined || before === undefined
      ? { sql: SELECT_PAGE, values: [lectureId] }
      : { sql: SELECT_PAGE_AFTER, values: [lectureId, before, before, after.rid] };
  const rows = await select<AmendmentRow>(database, query, deadline);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    amendments: shown.map((row) => amendmentOf(lectureId, row)),
    ...(rows.length > limit && last && { next: `${last.decidedAt.getTime()}.${last.rid}` }),
  };
}

function amendmentOf(lectureId: LectureId, row: AmendmentRow): Amendment {
  return {
    id: row.rid,
    lectureId,
    status: row.outcome,
    ...(row.reason !== null && { reason: row.reason }),
    version: row.version,
    change: JSON.parse(row.changeAsked),
    ...(row.beforeTerms !== null && { before: JSON.parse(row.beforeTerms) }),
    ...(row.afterTerms !== null && { after: JSON.parse(row.afterTerms) }),
    by: row.byUser,
    requestedAt: row.requestedAt.toISOString(),
    decidedAt: row.decidedAt.toISOString(),
  };
}
