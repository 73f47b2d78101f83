import type { Actor } from "../contract/actor.ts";
import type { OrganisedInList } from "../contract/organised-lecture.ts";
import type { OrganisedQuery, OrganisedState } from "../contract/organised-list.ts";
import { ofTheirHosts } from "./hosts.ts";
import { LECTURE_COLUMNS, LECTURES, type ListedRow, listedOf } from "./lecture-row.ts";
import { at, patternOf, STATES, type Statement } from "./lists.ts";

type Condition = [condition: string, ...values: string[]];

/**
 * The lectures of an actor's hosts, latest start first: drafts and past ones too. One more than the
 * page holds shows whether there are more.
 */
export function listOfOrganised(
  actor: Actor,
  { q, state, host, after, limit }: OrganisedQuery,
  nowMs: number,
): Statement {
  const theirs = ofTheirHosts(actor, "host_id");
  // Version 0: the lecture is not made yet.
  const conditions: Condition[] = [["version > 0"], [theirs.condition, ...theirs.values]];
  if (host !== undefined) conditions.push(["host_id = ?", host]);
  if (state !== undefined) conditions.push(...stateConditions(state, at(nowMs)));
  if (q !== undefined) conditions.push(["searched LIKE ?", patternOf(q)]);
  if (after) {
    const startsAt = at(after.startsAtMs);
    const behind = "starts_at <= ? AND (starts_at < ? OR lecture.id < ?)";
    conditions.push([behind, startsAt, startsAt, after.id]);
  }
  const where = conditions.map(([condition]) => condition).join(" AND ");
  const sql = `
    SELECT ${LECTURE_COLUMNS} ${LECTURES} WHERE ${where}
     ORDER BY starts_at DESC, lecture.id DESC LIMIT ${limit + 1}`;
  return { sql, values: conditions.flatMap(([, ...values]) => values) };
}

function stateConditions(state: OrganisedState, nowAt: string): Condition[] {
  if (state === "draft") return [["NOT published"]];
  return [["published"], STATES[state](nowAt)];
}

/** A row of such a list. */
export function organisedInList(row: ListedRow, audience: string[]): OrganisedInList {
  return {
    ...listedOf(row, audience),
    published: row.published === 1,
    cancelUntil: row.cancelUntil?.toISOString() ?? null,
  };
}
