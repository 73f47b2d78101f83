import type { LectureId } from "../contract/ids.ts";
import type { ListQuery, ListState } from "../contract/lecture-list.ts";
import { LECTURE_COLUMNS, LECTURES } from "./lecture-row.ts";

/** A statement to prepare, and its values. */
export interface Statement {
  sql: string;
  values: string[];
}

/** One lecture, however old, published or not. */
export function oneLecture(id: LectureId): Statement {
  const texts = "bio, description_html AS descriptionHtml";
  const sql = `SELECT ${LECTURE_COLUMNS}, ${texts} ${LECTURES} WHERE lecture.id = ?`;
  return { sql, values: [id] };
}

const DAY_MS = 86_400_000;

/** A list shows lectures until a day after their end. */
const SHOWN_AFTER_MS = DAY_MS;

/**
 * Where a list begins and ends: a list reads the starts in between alone. A lecture is shown for a
 * week from its start at most, and none is planned for more than ten years.
 */
const BEFORE_MS = 7 * DAY_MS + SHOWN_AFTER_MS;
const AHEAD_MS = 3_653 * DAY_MS;

/** Booking ends at the start at the latest, as `bookingWindow` says. */
export const STATES: Record<
  ListState,
  (nowAt: string) => [condition: string, ...values: string[]]
> = {
  upcoming: (nowAt) => ["NOT cancelled AND opens_at > ?", nowAt],
  open: (nowAt) => [
    "NOT cancelled AND opens_at <= ? AND LEAST(closes_at, starts_at) > ?",
    nowAt,
    nowAt,
  ],
  closed: (nowAt) => ["NOT cancelled AND LEAST(closes_at, starts_at) <= ?", nowAt],
  cancelled: () => ["cancelled"],
};

/**
 * The published lectures of a list, soonest start first: coming ones, and those that ended less
 * than a day ago; with a day, those that start on it. One more than the page holds shows whether
 * there are more. The keys over (published | host | category, start, id) give rows in this order.
 */
export function listOfLectures(
  { q, state, host, category, after, limit }: ListQuery,
  { nowMs, day }: { nowMs: number; day: { fromMs: number; untilMs: number } | undefined },
): Statement {
  const conditions = ["published = 1"];
  const values: string[] = [];
  const narrow = (condition: string, ...given: string[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  const fromMs = Math.max(day?.fromMs ?? nowMs - BEFORE_MS, after?.startsAtMs ?? 0);
  narrow("starts_at >= ?", at(fromMs));
  narrow("starts_at < ?", at(day?.untilMs ?? nowMs + AHEAD_MS));
  if (after) {
    const startsAt = at(after.startsAtMs);
    narrow("(starts_at > ? OR (starts_at = ? AND lecture.id > ?))", startsAt, startsAt, after.id);
  }
  if (!day) narrow("ends_at > ?", at(nowMs - SHOWN_AFTER_MS));
  if (state) narrow(...STATES[state](at(nowMs)));
  if (host !== undefined) narrow("host_id = ?", host);
  if (category !== undefined) narrow("category = ?", category);
  if (q !== undefined) narrow("searched LIKE ?", patternOf(q));
  const where = conditions.join(" AND ");
  const sql = `
    SELECT ${LECTURE_COLUMNS} ${LECTURES} WHERE ${where}
     ORDER BY starts_at, lecture.id LIMIT ${limit + 1}`;
  return { sql, values };
}

/** The times of a row that a list looks at. */
export interface ListedTimes {
  startsAt: Date;
  endsAt: Date;
  opensAt: Date;
}

/**
 * How long a list stays as it is if no lecture is written, in milliseconds: until the first of its
 * rows leaves it. `rows` are all that were read, with the one beyond the page. 0 where a lecture
 * may come in by the clock: the rows do not tell when.
 */
export function unchangedForMs(
  { state, day }: Pick<ListQuery, "state" | "day">,
  rows: ListedTimes[],
  nowMs: number,
): number {
  if (state === "open" || state === "closed") return 0;
  const leaves = rows.flatMap(({ startsAt, endsAt, opensAt }) => [
    ...(state === "upcoming" ? [opensAt.getTime()] : []),
    ...(day === undefined
      ? [endsAt.getTime() + SHOWN_AFTER_MS, startsAt.getTime() + BEFORE_MS]
      : []),
  ]);
  // A time that is no date is in no list.
  const untilMs = Math.min(...leaves.filter(Number.isFinite));
  return Math.max(0, untilMs - nowMs);
}

/** Text anywhere in title, speaker, venue or category; `%` and `_` stand for themselves. */
export function patternOf(q: string): string {
  return `%${q.replace(/[\\%_]/g, "\\$&")}%`;
}

/** A moment as MySQL reads it in a session of UTC. */
export function at(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1).replace("T", " ");
}
