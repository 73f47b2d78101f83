import {
  LIST_STATES,
  type ListPlace,
  type PageQuery,
  readPageQuery,
  writeListQuery,
} from "./lecture-list.ts";

/** Where organisers find their lectures at the edge. */
const PATH = "/api/admin/lectures";

/** What an organiser's list can be narrowed to. A draft is not published. */
export const ORGANISED_STATES = ["draft", ...LIST_STATES] as const;
export type OrganisedState = (typeof ORGANISED_STATES)[number];

export type OrganisedQuery = PageQuery<OrganisedState>;

/** Reads the parameters of an organiser's list; undefined where one is not as it must be. */
export function readOrganisedQuery(
  given: Record<string, string | undefined>,
): OrganisedQuery | undefined {
  return readPageQuery(given, ORGANISED_STATES);
}

/** The address of the page after a place. */
export function nextOrganisedPage(query: OrganisedQuery, after: ListPlace): string {
  return `${PATH}?${writeListQuery({ ...query, after })}`;
}
