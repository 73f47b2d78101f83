import type { Actor } from "../contract/actor.ts";
import type { HostId } from "../contract/host.ts";
import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import type { Words } from "../contract/words.ts";
import { termsOf } from "../database/terms-row.ts";
import { ofTheirHosts } from "./hosts.ts";
import { LECTURE_COLUMNS, LECTURES, type LectureRow } from "./lecture-row.ts";
import type { Statement } from "./lists.ts";

/** A lecture as its organisers read it, unpublished ones too. */
export interface OrganisedLecture {
  id: LectureId;
  hostName: string;
  words: Words;
  descriptionHtml: string;
  /** the catalogue's copy; the stock row may be ahead by a moment */
  terms: Terms;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export interface OrganisedRow extends LectureRow {
  description: string;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

const COLUMNS = `
  ${LECTURE_COLUMNS}, bio, description, description_html AS descriptionHtml,
  created_by AS createdBy, lecture.created_at AS createdAt, updated_at AS updatedAt`;

/**
 * One lecture, if it is of a host that the actor works for. Version 0 stands for a lecture whose
 * making is not decided.
 */
export function organisedLecture(actor: Actor, id: LectureId): Statement {
  const { condition, values } = ofTheirHosts(actor, "host_id");
  const sql = `SELECT ${COLUMNS} ${LECTURES} WHERE lecture.id = ? AND ${condition}`;
  return { sql, values: [id, ...values] };
}

/** The made lectures of an actor's hosts, or of one of them, by id from behind `after` on. */
export function organisedAfter(
  actor: Actor,
  { after, host, limit }: { after: LectureId; host: HostId | undefined; limit: number },
): Statement {
  const { condition, values } = ofTheirHosts(actor, "host_id");
  const ofHost = host === undefined ? "" : " AND host_id = ?";
  const sql = `
    SELECT ${COLUMNS} ${LECTURES}
     WHERE lecture.id > ? AND version > 0 AND ${condition}${ofHost}
     ORDER BY lecture.id LIMIT ${limit}`;
  return { sql, values: [after, ...values, ...(host === undefined ? [] : [host])] };
}

/** A row of `organisedLecture` or `organisedAfter`. */
export function organisedOf(row: OrganisedRow): OrganisedLecture {
  const { hostId: host, title, speaker, bio, category, venue, posterUrl, description } = row;
  return {
    id: String(row.id),
    hostName: row.hostName,
    words: { host, title, speaker, bio, category, venue, posterUrl, description },
    descriptionHtml: row.descriptionHtml,
    terms: termsOf(row),
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
