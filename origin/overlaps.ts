import type { RowDataPacket } from "mysql2/promise";
import { titlesOf } from "../catalogue/titles.ts";
import type { ReserveCommand } from "../contract/command.ts";
import type { LectureId, UserId } from "../contract/ids.ts";
import type { Overlap, Reservation } from "../contract/reservation.ts";
import { PAGE_LIMIT_MAX } from "../contract/reservation-page.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import { atMost, type Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { select } from "./select.ts";

/**
 * How long the overlaps may take, in milliseconds: they are a hint, and the answer goes on without
 * them.
 */
const PATIENCE_MS = 500;

/** Most overlaps in one answer. */
const OVERLAPS_MAX = 1_000;

/**
 * The lectures at the hours of these lectures at which the user holds a seat, by the hours as they
 * are now. It reads the starts of a week by the index over the hours, so no lecture that lasts
 * longer is found at its later days. Each lecture at the same hours costs one look into the unique
 * key of confirmed seats, however long the user's history is.
 */
function selectOverlaps(lectures: number): string {
  return `
  SELECT STRAIGHT_JOIN own.lecture_id AS ownId, other.lecture_id AS lectureId,
         other.starts_at AS startsAt, other.ends_at AS endsAt
    FROM stock AS own
    JOIN stock AS other FORCE INDEX (stock_by_hours)
      ON other.starts_at < own.ends_at AND other.starts_at > own.starts_at - INTERVAL 7 DAY
     AND other.ends_at > own.starts_at AND other.lecture_id <> own.lecture_id
     AND NOT other.cancelled
    JOIN reservation FORCE INDEX (one_active_reservation)
      ON reservation.lecture_id = other.lecture_id AND active_user_id = ?
   WHERE own.lecture_id IN (${Array.from({ length: lectures }, () => "?").join(", ")})
     AND NOT own.cancelled
   ORDER BY other.starts_at, other.lecture_id LIMIT ${OVERLAPS_MAX}`;
}

/** One statement for each of these numbers of lectures is prepared; repeated ids fill one. */
const SELECT_OVERLAPS = [1, 50, PAGE_LIMIT_MAX].map((lectures) => ({
  lectures,
  sql: selectOverlaps(lectures),
}));

interface OverlapRow extends RowDataPacket {
  ownId: LectureId | number;
  lectureId: LectureId | number;
  startsAt: Date;
  endsAt: Date;
}

/**
 * Adds its overlaps to each seat, and to each rejection for this reason. Reads nothing where there
 * is neither. Never rejects: what cannot be read in time is left out.
 */
export async function withOverlaps(
  deps: OriginDeps,
  userId: UserId,
  reservations: Reservation[],
  deadline: Deadline,
): Promise<Reservation[]> {
  const lectureIds = reservations.filter(mayOverlap).map(({ lectureId }) => lectureId);
  if (lectureIds.length === 0) return reservations;
  const soon = atMost(PATIENCE_MS, deadline);
  const rows = await orNothing(deps, () => findOverlaps(deps, userId, lectureIds, soon));
  if (rows.length === 0) return reservations;
  const titles = await orNothing(deps, () => findTitles(deps, rows, soon));
  const titleOf = new Map(titles.map(({ id, title }) => [String(id), title]));
  const overlaps = Map.groupBy(rows, ({ ownId }) => String(ownId));
  return reservations.map((reservation) => {
    const own = mayOverlap(reservation) ? overlaps.get(reservation.lectureId) : undefined;
    return own
      ? { ...reservation, overlaps: own.map((row) => overlapOf(row, titleOf)) }
      : reservation;
  });
}

/** Adds its overlaps to one reservation: see withOverlaps. */
export async function withOwnOverlaps(
  deps: OriginDeps,
  userId: UserId,
  reservation: Reservation,
  deadline: Deadline,
): Promise<Reservation> {
  const [told] = await withOverlaps(deps, userId, [reservation], deadline);
  return told ?? reservation;
}

/**
 * Marks a command as refused if the user holds a seat at the same hours. Seats under decision do
 * not count. If MySQL does not answer in time, the command goes on without the mark.
 */
export async function refusedIfOverlapping(
  deps: OriginDeps,
  command: ReserveCommand,
  deadline: Deadline,
): Promise<ReserveCommand> {
  const { userId, lectureId } = command;
  const read = () => selectOf(deps, userId, [lectureId], atMost(PATIENCE_MS, deadline));
  const isOverlapping = (await orNothing(deps, read)).length > 0;
  return isOverlapping ? { ...command, refused: "overlaps" } : command;
}

function mayOverlap({ status, reason }: Reservation): boolean {
  return status === "confirmed" || reason === "overlaps";
}

/** Takes a place among the reads, which the caller must not have. */
function findOverlaps(
  deps: OriginDeps,
  userId: UserId,
  lectureIds: LectureId[],
  deadline: Deadline,
): Promise<OverlapRow[]> {
  return deps.gates.reads.run(() => selectOf(deps, userId, lectureIds, deadline), deadline);
}

async function selectOf(
  { database }: OriginDeps,
  userId: UserId,
  lectureIds: LectureId[],
  deadline: Deadline,
): Promise<OverlapRow[]> {
  const ids = [...new Set(lectureIds)].slice(0, PAGE_LIMIT_MAX);
  const fitting = SELECT_OVERLAPS.find(({ lectures }) => lectures >= ids.length);
  if (!fitting) throw new RangeError("more lectures than a page has");
  const { lectures, sql } = fitting;
  const filled = [...ids, ...Array<LectureId>(lectures - ids.length).fill(ids[0] ?? "")];
  return await select<OverlapRow>(database, { sql, values: [userId, ...filled] }, deadline);
}

async function findTitles(
  { catalogue, gates }: OriginDeps,
  rows: OverlapRow[],
  deadline: Deadline,
): Promise<TitleRow[]> {
  const ids = [...new Set(rows.map(({ lectureId }) => String(lectureId)))];
  const read = () => select<TitleRow>(catalogue, titlesOf(ids), deadline);
  return await gates.reads.run(read, deadline);
}

interface TitleRow extends RowDataPacket {
  id: LectureId | number;
  title: string;
}

function overlapOf(
  { lectureId, startsAt, endsAt }: OverlapRow,
  titleOf: ReadonlyMap<LectureId, string>,
): Overlap {
  const id = String(lectureId);
  const title = titleOf.get(id);
  return {
    lectureId: id,
    ...(title !== undefined && { title }),
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
  };
}

async function orNothing<Row>(
  { log }: Pick<OriginDeps, "log">,
  read: () => Promise<Row[]>,
): Promise<Row[]> {
  try {
    return await read();
  } catch (err) {
    // The outage of MySQL was logged once, when its breaker opened.
    if (!(err instanceof BreakerOpen))
      log.warn({ event: "overlaps_not_read", err }, "seats at the same hours are not looked for");
    return [];
  }
}
