import type { ShownLecture } from "../catalogue/cache/store.ts";
import { type LectureRow, type ListedRow, lectureOf, listedOf } from "../catalogue/lecture-row.ts";
import { listOfLectures, oneLecture, unchangedForMs } from "../catalogue/lists.ts";
import type { LectureId } from "../contract/ids.ts";
import { type LecturePage, type ListQuery, nextListPage } from "../contract/lecture-list.ts";
import { senselessTerm } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import { termsOf } from "../database/terms-row.ts";
import type { TellLeftOut } from "../runtime/telemetry/left-out.ts";
import { campusDay } from "./campus-day.ts";
import type { Deadline } from "./deadline.ts";
import { select } from "./select.ts";

export interface LectureReading {
  catalogue: Database;
  /** whose days a list is asked for */
  timeZone: string;
  /** Unix milliseconds */
  now: () => number;
  /** called with every lecture that makes no sense; such a lecture reads as missing */
  tellLeftOut: TellLeftOut;
}

/** A page, and how long the clock alone leaves it as it is, in milliseconds. */
export interface ListedPage {
  page: LecturePage;
  unchangedForMs: number;
}

/** A page of the published lectures, soonest first. */
export async function listLectures(
  reading: LectureReading,
  query: ListQuery,
  deadline: Deadline,
): Promise<ListedPage> {
  const { catalogue, timeZone, tellLeftOut } = reading;
  const nowMs = reading.now();
  const day = query.day === undefined ? undefined : campusDay(query.day, timeZone);
  const statement = listOfLectures(query, { nowMs, day });
  const rows = await select<ListedRow>(catalogue, statement, deadline);
  const shown = rows.slice(0, query.limit);
  const page: LecturePage = {
    lectures: shown.flatMap((row) => sensible(row, tellLeftOut, listedOf)),
  };
  const last = shown.at(-1);
  if (last && rows.length > query.limit) {
    const place = { startsAtMs: last.startsAt.getTime(), id: String(last.id) };
    page.next = nextListPage(query, place);
  }
  return { page, unchangedForMs: unchangedForMs(query, rows, nowMs) };
}

/** One lecture, however old, as it is answered: an unpublished one has nothing to show. */
export async function readLecture(
  { catalogue, tellLeftOut }: Pick<LectureReading, "catalogue" | "tellLeftOut">,
  id: LectureId,
  deadline: Deadline,
): Promise<ShownLecture> {
  const [row] = await select<LectureRow>(catalogue, oneLecture(id), deadline);
  if (!row) return { version: 0, json: "" };
  const [shown] = row.published === 1 ? sensible(row, tellLeftOut, lectureOf) : [];
  return { version: row.version, json: shown ? JSON.stringify(shown) : "" };
}

/** A row that makes no sense must not keep the others from being read. */
function sensible<Row extends ListedRow, Shown>(
  row: Row,
  tellLeftOut: TellLeftOut,
  show: (row: Row, audience: string[]) => Shown,
): Shown[] {
  const terms = termsOf(row);
  const why = senselessTerm(terms);
  if (why === undefined) return [show(row, terms.audience)];
  tellLeftOut(String(row.id), why);
  return [];
}
