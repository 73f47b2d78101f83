import { HOST_ID_FORM } from "./host.ts";
import {
  isWords,
  LIST_LIMIT,
  LIST_LIMIT_MAX,
  LIST_STATES,
  type ListPlace,
  Q_LENGTH_MAX,
  readCursor,
  writeCursor,
} from "./lecture-list.ts";

/** Where organisers find their lectures at the edge. */
const PATH = "/api/admin/lectures";

/** What an organiser's list can be narrowed to. A draft is not published. */
export const ORGANISED_STATES = ["draft", ...LIST_STATES] as const;
export type OrganisedState = (typeof ORGANISED_STATES)[number];

export interface OrganisedQuery {
  /** words to look for */
  q?: string | undefined;
  state?: OrganisedState | undefined;
  host?: string | undefined;
  /** the last place of the page before */
  after?: ListPlace | undefined;
  limit: number;
}

const NAMES = ["q", "state", "host", "after", "limit"] as const;

const LIMIT_FORM = /^[1-9][0-9]{0,2}$/;

/** Reads the parameters of an organiser's list; undefined where one is not as it must be. */
export function readOrganisedQuery(
  given: Record<string, string | undefined>,
): OrganisedQuery | undefined {
  const { state, host, after, limit = String(LIST_LIMIT) } = given;
  // Measured as it is written: NFKC makes one sign into up to 18.
  const q = given["q"]?.normalize("NFKC").trim();
  const place = after === undefined ? undefined : readCursor(after);
  const isRight =
    isWords(q, Q_LENGTH_MAX) &&
    (state === undefined || isState(state)) &&
    (host === undefined || HOST_ID_FORM.test(host)) &&
    (after === undefined || place !== undefined) &&
    LIMIT_FORM.test(limit) &&
    Number(limit) <= LIST_LIMIT_MAX;
  if (!isRight) return undefined;
  return {
    q: q || undefined,
    state: state as OrganisedState | undefined,
    host,
    after: place,
    limit: Number(limit),
  };
}

/** Writes the parameters in one order, as text behind a `?`; the defaults are left out. */
export function writeOrganisedQuery({ after, limit, ...rest }: OrganisedQuery): string {
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
export function nextOrganisedPage(query: OrganisedQuery, after: ListPlace): string {
  return `${PATH}?${writeOrganisedQuery({ ...query, after })}`;
}

function isState(text: string): text is OrganisedState {
  return ORGANISED_STATES.some((state) => state === text);
}
