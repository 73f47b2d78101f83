import { writeActor } from "../../contract/actor.ts";
import { RID_FORM } from "../../contract/ids.ts";
import { LIST_LIMIT_MAX, writeListQuery } from "../../contract/lecture-list.ts";
import {
  Amended,
  AmendmentLog,
  LOG_LIMIT,
  LOG_LIMIT_MAX,
  OrganisedLecture,
  OrganisedPage,
  organisedPaths,
} from "../../contract/organised-lecture.ts";
import { ORGANISED_STATES, readOrganisedQuery } from "../../contract/organised-list.ts";
import { type ShownLog, showAmendment } from "../../contract/shown-amendment.ts";
import { answerLecture } from "../amendment-answers.ts";
import { answerJson, NOT_STORED, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { actorOf } from "../organiser.ts";
import { askFor, errorOf, type OriginAnswer } from "../origin-answers.ts";
import { lectureIdOf } from "../path-ids.ts";
import { noteWait, waitOf } from "../prefer.ts";
import { problem, Refused, retryAfter } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

type Deps = Pick<EdgeDeps, "origin">;

/**
 * GET /api/admin/lectures: the lectures of the organiser's hosts, latest start first, in pages;
 * drafts and past ones too. `q`, `state` and `host` narrow the list.
 */
export function organisedLectures({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const query = readOrganisedQuery(c.req.query());
    if (!query) throw new Refused("invalid_request", { detail: LIST });
    const path = pathOf(c, "/admin/lectures", writeListQuery(query));
    const answer = await askFor(OrganisedPage, origin, read(c, path));
    if (answer.outcome !== "answered") return answerNothing(c, answer);
    const { next } = answer.value;
    return answerJson(c, 200, answer.value, linking(next));
  };
}

/** GET /api/admin/lectures/:id: one of these lectures; its ETag is the version to change. */
export function organisedLecture({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const path = pathOf(c, `/admin/lectures/${lectureIdOf(c)}`);
    const answer = await askFor(OrganisedLecture, origin, read(c, path));
    return answer.outcome === "answered"
      ? answerLecture(c, 200, answer.value)
      : answerNothing(c, answer);
  };
}

/** GET /api/admin/lectures/:id/amendments: what happened to a lecture, latest first, in pages. */
export function amendmentLog({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const lectureId = lectureIdOf(c);
    const { limit, after } = readLogQuery(c);
    const start = after === undefined ? "" : `&after=${after}`;
    const path = pathOf(c, `/admin/lectures/${lectureId}/amendments`, `limit=${limit}${start}`);
    const answer = await askFor(AmendmentLog, origin, read(c, path));
    if (answer.outcome !== "answered") return answerNothing(c, answer);
    const { amendments, next: place } = answer.value;
    const log = organisedPaths.log(lectureId);
    const next = place === undefined ? undefined : `${log}?limit=${limit}&after=${place}`;
    const shown: ShownLog = {
      amendments: amendments.map(showAmendment),
      ...(next !== undefined && { next }),
    };
    return answerJson(c, 200, shown, linking(next));
  };
}

/**
 * GET /api/admin/amendments/:id: a change as it stands; with `Prefer: wait=N`, once it is decided.
 */
export function amendment({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const rid = c.req.param("id") ?? "";
    if (!RID_FORM.test(rid)) throw new Refused("amendment_not_found");
    const waitMs = waitOf(c);
    const path = pathOf(c, `/admin/amendments/${rid}`, waitMs > 0 ? `waitMs=${waitMs}` : "");
    const answer = await askFor(Amended, origin, { ...read(c, path), waitMs });
    noteWait(c, waitMs, answer);
    if (answer.outcome !== "answered") return answerNothing(c, answer);
    const { amendment: found } = answer.value;
    return answerJson(c, 200, showAmendment(found), {
      ...NOT_STORED,
      ...(found.status === "pending" && { "Retry-After": retryAfter(0) }),
    });
  };
}

function read(c: EdgeContext, path: string) {
  return { method: "GET" as const, path, requestId: requestIdOf(c) };
}

function pathOf(c: EdgeContext, path: string, query = ""): string {
  return `${path}?${writeActor(actorOf(c))}${query === "" ? "" : `&${query}`}`;
}

function answerNothing(
  c: EdgeContext,
  answer: Exclude<OriginAnswer<unknown>, { outcome: "answered" }>,
): Response {
  return answer.outcome === "refused"
    ? problem(c, answer.code)
    : answerUnavailable(c, "organised lectures", errorOf(answer));
}

function linking(next: string | undefined): Record<string, string> {
  return next === undefined ? NOT_STORED : { ...NOT_STORED, Link: `<${next}>; rel="next"` };
}

const LIMIT_FORM = /^[1-9][0-9]?$/;
const PLACE_FORM = /^[0-9]{1,15}\.[1-9][0-9]{0,14}-[0-9a-f]{32}$/;

function readLogQuery(c: EdgeContext): { limit: string; after: string | undefined } {
  const { limit = String(LOG_LIMIT), after } = c.req.query();
  const isPage = LIMIT_FORM.test(limit) && Number(limit) <= LOG_LIMIT_MAX;
  if (isPage && (after === undefined || PLACE_FORM.test(after))) return { limit, after };
  throw new Refused("invalid_request", { detail: LOG });
}

const LIST = {
  en:
    `limit must be 1 to ${LIST_LIMIT_MAX}, state one of ${ORGANISED_STATES.join(", ")}, ` +
    "q short, and after must come from the page before.",
  zh:
    `limit 须为 1 至 ${LIST_LIMIT_MAX}，state 须为 ${ORGANISED_STATES.join("、")} 之一，` +
    "q 不可过长，after 须来自上一页。",
};

const LOG = {
  en: `limit must be 1 to ${LOG_LIMIT_MAX}, and after must come from the page before.`,
  zh: `limit 须为 1 至 ${LOG_LIMIT_MAX}，after 须来自上一页。`,
};
