import * as z from "zod";
import type {
  ZodOpenApiOperationObject,
  ZodOpenApiRequestBodyObject,
  ZodOpenApiResponseObject,
} from "zod-openapi";
import { Host, HostChange, HostId, HostList } from "../host.ts";
import { LectureChange, NewLecture, Postponement } from "../lecture-change.ts";
import { LIST_LIMIT, LIST_LIMIT_MAX, Q_LENGTH_MAX } from "../lecture-list.ts";
import { LOG_LIMIT, LOG_LIMIT_MAX, OrganisedLecture, OrganisedPage } from "../organised-lecture.ts";
import { ORGANISED_STATES } from "../organised-list.ts";
import type { ProblemCode } from "../problems.ts";
import { ShownAmendment, ShownLog } from "../shown-amendment.ts";
import { inBulk } from "./organiser-bulk-operations.ts";
import { AFTER, bodyOf, json, KEY, OF_AN_ORGANISER, read } from "./organiser-parts.ts";
import { AMENDMENT_PATH, HOST_PATH, LECTURE_PATH, PREFER } from "./parameters.ts";
import { refusals } from "./refusals.ts";
import {
  ETAG,
  LOCATION_OF_AMENDMENT,
  LOCATION_OF_LECTURE,
  RETRY_AFTER,
} from "./response-headers.ts";
import type { Tag } from "./tag.ts";

const IF_MATCH = z.string().meta({
  description: "the ETag of the lecture that is to change, or `*` for any version",
  example: '"3"',
});

/** Without it an organiser waits five seconds. */
const MAKING = z.object({ "Idempotency-Key": KEY, Prefer: PREFER });
const CHANGING = z.object({ ...MAKING.shape, "If-Match": IF_MATCH });

/** What narrows the list. */
const LIST = z.object({
  q: z.optional(z.string().max(Q_LENGTH_MAX).meta({ description: "words to look for" })),
  state: z.optional(z.enum(ORGANISED_STATES).meta({ description: "a draft is not published" })),
  host: z.optional(HostId.meta({ description: "the id of a host" })),
  after: AFTER,
  limit: z.optional(
    z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).meta({ default: LIST_LIMIT }),
  ),
});
const LOG = z.object({
  after: AFTER,
  limit: z.optional(z.coerce.number().int().min(1).max(LOG_LIMIT_MAX).meta({ default: LOG_LIMIT })),
});

const NO_CONTENT: ZodOpenApiRequestBodyObject = {
  required: false,
  content: { "application/json": { schema: z.strictObject({}) } },
};

/** Refusals of a request that waits for the decision about a lecture. */
const OF_A_DECISION = [
  ...OF_AN_ORGANISER,
  "undeliverable",
  "invalid_amendment",
  "key_reused",
] as const;

/** A change that is not decided yet: where to ask for it, and when. */
const UNDECIDED: ZodOpenApiResponseObject = {
  ...json("The decision is on its way.", ShownAmendment),
  headers: { ...LOCATION_OF_AMENDMENT, ...RETRY_AFTER },
};

/** An operation that changes a lecture. `codes`: what else refuses it. */
function changing(
  operation: Pick<ZodOpenApiOperationObject, "operationId" | "summary" | "requestBody">,
  codes: readonly ProblemCode[] = [],
): ZodOpenApiOperationObject {
  return {
    ...operation,
    requestParams: { path: LECTURE_PATH, header: CHANGING },
    responses: {
      "200": {
        ...json(
          "The lecture after the change; the change alone, if a host of others has the lecture now",
          z.union([OrganisedLecture, ShownAmendment]),
        ),
        headers: { ETag: { ...ETAG.ETag, required: false } },
      },
      "202": UNDECIDED,
      ...refusals([
        ...OF_A_DECISION,
        "lecture_not_found",
        "version_conflict",
        "precondition_required",
        ...codes,
      ]),
    },
  };
}

/** Making and changing lectures: for their organisers, and for admins. */
export const organising: Tag = {
  name: "organising",
  description: "For organisers: lectures, their changes, their seats, files, and hosts",
  paths: {
    "/api/admin/lectures": {
      get: {
        operationId: "listOrganisedLectures",
        summary: "The lectures of one's hosts, latest start first, with drafts and past ones",
        requestParams: { query: LIST },
        responses: read(json("A page; `next` is the address of the page after it", OrganisedPage), [
          "invalid_request",
        ]),
      },
      post: {
        operationId: "makeLecture",
        summary: "Make a lecture",
        requestParams: { header: MAKING },
        requestBody: bodyOf(NewLecture),
        responses: {
          "200": json("It was made, and a host of others has it now.", ShownAmendment),
          "201": {
            ...json("The lecture is made.", OrganisedLecture),
            headers: { ...LOCATION_OF_LECTURE, ...ETAG },
          },
          "202": UNDECIDED,
          ...refusals([...OF_A_DECISION, "host_not_found"]),
        },
      },
    },
    "/api/admin/lectures/{id}": {
      get: {
        operationId: "getOrganisedLecture",
        summary: "One of these lectures; its ETag is the version to change",
        requestParams: { path: LECTURE_PATH },
        responses: read({ ...json("The lecture", OrganisedLecture), headers: ETAG }, [
          "lecture_not_found",
        ]),
      },
      patch: changing(
        {
          operationId: "changeLecture",
          summary: "Change what the body names, and nothing else",
          requestBody: bodyOf(LectureChange),
        },
        ["host_not_found", "seats_given"],
      ),
      delete: changing({
        operationId: "deleteLecture",
        summary: "Cancel it, and show it to nobody but its organisers",
      }),
    },
    "/api/admin/lectures/{id}/publish": {
      post: changing({
        operationId: "publishLecture",
        summary: "Show it to everybody",
        requestBody: NO_CONTENT,
      }),
    },
    "/api/admin/lectures/{id}/close": {
      post: changing({
        operationId: "closeLecture",
        summary: "End booking now; a later `closesAt` opens it again",
        requestBody: NO_CONTENT,
      }),
    },
    "/api/admin/lectures/{id}/postpone": {
      post: changing({
        operationId: "postponeLecture",
        summary: "Give it other times; all seats stay",
        requestBody: bodyOf(Postponement),
      }),
    },
    "/api/admin/lectures/{id}/cancel": {
      post: changing({
        operationId: "cancelLecture",
        summary: "Cancel it for good; every seat is given back",
        requestBody: NO_CONTENT,
      }),
    },
    "/api/admin/lectures/{id}/amendments": {
      get: {
        operationId: "listAmendments",
        summary: "What happened to a lecture, latest decision first",
        requestParams: { path: LECTURE_PATH, query: LOG },
        responses: read(json("A page; `next` is the address of the page after it", ShownLog), [
          "invalid_request",
          "lecture_not_found",
        ]),
      },
    },
    "/api/admin/amendments/{id}": {
      get: {
        operationId: "getAmendment",
        summary: "A change of a lecture as it stands",
        requestParams: { path: AMENDMENT_PATH, header: z.object({ Prefer: PREFER }) },
        responses: read(
          {
            ...json("The change", ShownAmendment),
            headers: { "Retry-After": { ...RETRY_AFTER["Retry-After"], required: false } },
          },
          ["amendment_not_found"],
        ),
      },
    },
    "/api/admin/hosts": {
      get: {
        operationId: "listHosts",
        summary: "The hosts that one works for; all hosts for an admin",
        responses: read(json("The hosts by id", HostList), []),
      },
    },
    "/api/admin/hosts/{id}": {
      get: {
        operationId: "getHost",
        summary: "One of these hosts",
        requestParams: { path: HOST_PATH },
        responses: read(json("The host", Host), ["host_not_found"]),
      },
      put: {
        operationId: "putHost",
        summary: "Make a host, or give it another name: for an admin",
        requestParams: { path: HOST_PATH },
        requestBody: bodyOf(HostChange),
        responses: {
          "200": json("The host", Host),
          ...refusals([...OF_AN_ORGANISER, "host_not_found"]),
        },
      },
    },
    ...inBulk,
  },
};
