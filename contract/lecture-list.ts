import * as z from "zod";
import { HOST_ID_FORM } from "./host.ts";
import { LECTURE_ID_FORM, type LectureId } from "./ids.ts";
import { LectureInList } from "./lecture.ts";

/** Lectures on a page: the maximum, and the default. */
export const LIST_LIMIT_MAX = 100;
export const LIST_LIMIT = 50;

/** The longest search and category, in UTF-16 units. */
export const Q_LENGTH_MAX = 100;
export const CATEGORY_LENGTH_MAX = 60;

/** Where clients find the list at the edge. */
const LIST_PATH = "/api/lectures";

/**
 * What a list can be narrowed to. `sold_out` is missing: only Redis knows, and it changes by the
 * second.
 */
export const LIST_STATES = ["upcoming", "open", "closed", "cancelled"] as const;
export type ListState = (typeof LIST_STATES)[number];

/** A lecture's place in every list: soonest start first. */
export interface ListPlace {
  /** Unix milliseconds */
  startsAtMs: number;
  id: LectureId;
}

export interface ListQuery {
  /** words to look for */
  q?: string | undefined;
  state?: ListState | undefined;
  /** `YYYY-MM-DD` at the campus: lectures that start on that day, past ones too */
  day?: string | undefined;
  host?: string | undefined;
  category?: string | undefined;
  /** the last place of the page before */
  after?: ListPlace | undefined;
  limit: number;
}

/** A page of lectures, soonest start first, and the address of the next page, if any. */
export const LecturePage = z.object({
  lectures: z.array(LectureInList),
  next: z.optional(z.string()),
});
export type LecturePage = z.infer<typeof LecturePage>;

const NAMES = ["q", "state", "day", "host", "category", "after", "limit"] as const;

const LIMIT_FORM = /^[1-9][0-9]{0,2}$/;

/** The parameters that every list of lectures has. */
export interface PageQuery<State extends string> {
  q?: string | undefined;
  state?: State | undefined;
  host?: string | undefined;
  after?: ListPlace | undefined;
  limit: number;
}

type Given = Record<string, string | undefined>;

/** Reads the parameters that every list has; undefined where one is not as it must be. */
export function readPageQuery<State extends string>(
  given: Given,
  states: readonly State[],
): PageQuery<State> | undefined {
  const { host, after, limit = String(LIST_LIMIT) } = given;
  // Measured as it is written: NFKC makes one sign into up to 18.
  const q = given["q"]?.normalize("NFKC").trim();
  const place = after === undefined ? undefined : readCursor(after);
  const state = states.find((known) => known === given["state"]);
  const isRight =
    isWords(q, Q_LENGTH_MAX) &&
    state === given["state"] &&
    (host === undefined || HOST_ID_FORM.test(host)) &&
    (after === undefined || place !== undefined) &&
    LIMIT_FORM.test(limit) &&
    Number(limit) <= LIST_LIMIT_MAX;
  return isRight
    ? { q: q || undefined, state, host, after: place, limit: Number(limit) }
    : undefined;
}

/** Reads the parameters of a list; undefined where one is not as it must be. */
export function readListQuery(given: Given): ListQuery | undefined {
  const page = readPageQuery(given, LIST_STATES);
  const { day, category } = given;
  const isRight = isWords(category, CATEGORY_LENGTH_MAX) && (day === undefined || isDay(day));
  return page && isRight ? { ...page, day, category } : undefined;
}

/** Writes the parameters in one order, as text behind a `?`; the defaults are left out. */
export function writeListQuery({
  after,
  limit,
  ...rest
}: PageQuery<string> & Pick<ListQuery, "day" | "category">): string {
  const written = {
    ...rest,
    after: after && writeCursor(after),
    limit: limit === LIST_LIMIT ? undefined : String(limit),
  };
  const parameters = new URLSearchParams();
  for (const name of NAMES) {
    const value = written[name];
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters.toString();
}

/** The address of the page after a place. */
export function nextListPage(query: ListQuery, after: ListPlace): string {
  return `${LIST_PATH}?${writeListQuery({ ...query, after })}`;
}

function isWords(text: string | undefined, charactersMax: number): boolean {
  return text === undefined || (text.length <= charactersMax && text.isWellFormed());
}

const DAY_FORM = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

function isDay(text: string): boolean {
  const ms = DAY_FORM.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // JavaScript reads 02-30 as a day of March.
  return ms > 0 && new Date(ms).toISOString().startsWith(text);
}

/** A place for clients: opaque text that they hand back. */
export function writeCursor({ startsAtMs, id }: ListPlace): string {
  return btoa(`${startsAtMs}.${id}`).replaceAll("=", "");
}

const CURSOR_FORM = /^[A-Za-z0-9]{4,50}$/;
const STARTS_AT_FORM = /^(0|[1-9][0-9]{0,14})$/;

export function readCursor(text: string): ListPlace | undefined {
  // Base64 of whole bytes never leaves one character over.
  if (!CURSOR_FORM.test(text) || text.length % 4 === 1) return undefined;
  const [startsAt = "", id = "", ...more] = atob(text).split(".");
  if (more.length > 0 || !STARTS_AT_FORM.test(startsAt) || !LECTURE_ID_FORM.test(id))
    return undefined;
  return { startsAtMs: Number(startsAt), id };
}
