import type { Lecture, LectureInList } from "../contract/lecture.ts";
import { TERMS_COLUMNS, type TermsRow } from "../database/terms-row.ts";

/** What every read of a lecture selects, with the host beside it. */
export const LECTURE_COLUMNS = `
  lecture.id, title, speaker, category, venue, poster_url AS posterUrl, capacity, ${TERMS_COLUMNS},
  host_id AS hostId, COALESCE(host.name, host_id) AS hostName`;

/** The host is joined from the left: the lecture's keys give the order. */
export const LECTURES = "FROM lecture LEFT JOIN host ON host.id = lecture.host_id";

export interface ListedRow extends TermsRow {
  id: string | number;
  title: string;
  speaker: string;
  category: string;
  venue: string;
  posterUrl: string | null;
  hostId: string;
  hostName: string;
}

export interface LectureRow extends ListedRow {
  bio: string;
  descriptionHtml: string;
}

/** A row of LECTURE_COLUMNS as clients see it. Its terms must be sensible (contract/terms.ts). */
export function listedOf(row: ListedRow, audience: string[]): LectureInList {
  return {
    id: String(row.id),
    title: row.title,
    speaker: row.speaker,
    host: { id: row.hostId, name: row.hostName },
    category: row.category,
    venue: row.venue,
    posterUrl: row.posterUrl,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    opensAt: row.opensAt.toISOString(),
    closesAt: row.closesAt.toISOString(),
    capacity: row.capacity,
    cancelled: row.cancelled === 1,
    audience,
    version: row.version,
  };
}

/** As listedOf, with the long texts. */
export function lectureOf(row: LectureRow, audience: string[]): Lecture {
  return { ...listedOf(row, audience), bio: row.bio, descriptionHtml: row.descriptionHtml };
}
