import type { RowDataPacket } from "mysql2/promise";
import type { ListedRow } from "../catalogue/lecture-row.ts";
import type { OrganisedLecture as OwnLecture } from "../catalogue/organised.ts";
import { listOfOrganised, organisedInList } from "../catalogue/organised-list.ts";
import type { Actor } from "../contract/actor.ts";
import type { LectureId } from "../contract/ids.ts";
import type { OrganisedLecture, OrganisedPage } from "../contract/organised-lecture.ts";
import { nextOrganisedPage, type OrganisedQuery } from "../contract/organised-list.ts";
import { senselessTerm } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import { termsOf } from "../database/terms-row.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { ownDraft } from "./own-lecture.ts";
import { projectLecture } from "./project.ts";
import { Refusal } from "./refusal.ts";
import { select } from "./select.ts";
import { findStock, type Stock } from "./stock.ts";

type Deps = Pick<OriginDeps, "database" | "catalogue" | "lectureWrites" | "now">;

/** The times of a lecture whose dates are none: an organiser must be able to correct them. */
const NO_TIME = new Date(0).toISOString();

/**
 * A lecture of an actor's hosts, with its seats. Where the copy in the catalogue is behind, it is
 * brought up to date first: words, terms and version belong together. Throws Refusal.
 */
export async function readOrganised(
  deps: Deps,
  actor: Actor,
  id: LectureId,
  deadline: Deadline,
): Promise<OrganisedLecture> {
  let [own, stock] = await Promise.all([
    ownDraft(deps, actor, id, deadline),
    findStock(deps.database, id, deadline),
  ]);
  if (stock && own.terms.version < stock.terms.version) {
    await projectLecture(deps, id, deadline);
    own = await ownDraft(deps, actor, id, deadline);
    stock = await findStock(deps.database, id, deadline);
  }
  if (own.terms.version === 0) throw new Refusal("lecture_not_found");
  const amendments = await countAmendments(deps.database, id, deadline);
  return organisedOf(own, stock, amendments);
}

const COUNT = "SELECT COUNT(*) AS amendments FROM amendment WHERE lecture_id = ?";

async function countAmendments(
  database: Database,
  id: LectureId,
  deadline: Deadline,
): Promise<number> {
  const query = { sql: COUNT, values: [id] };
  const [row] = await select<RowDataPacket & { amendments: number }>(database, query, deadline);
  return Number(row?.amendments ?? 0);
}

/** The version is that of the words: they are what the catalogue holds. */
function organisedOf(
  { id, words, hostName, ...own }: OwnLecture,
  stock: Stock | undefined,
  amendments: number,
): OrganisedLecture {
  const { host, ...texts } = words;
  const terms = stock?.terms ?? own.terms;
  const { seats = terms.capacity, remaining = 0 } = stock ?? {};
  return {
    id,
    host: { id: host, name: hostName },
    ...texts,
    descriptionHtml: own.descriptionHtml,
    opensAt: timeOf(terms.opensAtMs),
    closesAt: timeOf(terms.closesAtMs),
    startsAt: timeOf(terms.startsAtMs),
    endsAt: timeOf(terms.endsAtMs),
    cancelUntil: terms.cancelUntilMs === null ? null : timeOf(terms.cancelUntilMs),
    audience: terms.audience,
    published: terms.published,
    cancelled: terms.cancelled,
    version: Math.min(terms.version, own.terms.version),
    capacity: seats,
    ...(seats > terms.capacity && { sinkingTo: terms.capacity }),
    seatsTaken: seats - remaining,
    remaining,
    amendments,
    createdBy: own.createdBy,
    createdAt: own.createdAt.toISOString(),
    updatedAt: own.updatedAt.toISOString(),
  };
}

function timeOf(ms: number): string {
  return Number.isNaN(ms) ? NO_TIME : new Date(ms).toISOString();
}

/** A page of the lectures of an actor's hosts, latest start first. */
export async function listOrganised(
  { catalogue, now }: Deps,
  actor: Actor,
  query: OrganisedQuery,
  deadline: Deadline,
): Promise<OrganisedPage> {
  const statement = listOfOrganised(actor, query, now());
  const rows = await select<ListedRow>(catalogue, statement, deadline);
  const page = rows.slice(0, query.limit);
  const lectures = page.flatMap((row) => {
    const terms = termsOf(row);
    return senselessTerm(terms) === undefined ? [organisedInList(row, terms.audience)] : [];
  });
  const last = page.at(-1);
  if (!last || rows.length <= query.limit) return { lectures };
  const place = { startsAtMs: last.startsAt.getTime(), id: String(last.id) };
  return { lectures, next: nextOrganisedPage(query, place) };
}
