import * as z from "zod";
import type {
  oas31,
  ZodOpenApiHeadersObject,
  ZodOpenApiResponseObject,
  ZodOpenApiResponsesObject,
} from "zod-openapi";
import { type ProblemCode, problems } from "../problems.ts";
import { ETAG, RETRY_AFTER } from "./response-headers.ts";

/** Refusals that any request may get, whatever it asks. */
const ANY_REQUEST = [
  "invalid_host",
  "uri_too_long",
  "body_incomplete",
  "body_too_large",
  "internal",
  "unavailable",
] satisfies ProblemCode[];

/** Refusals of a request whose body is read. */
export const OF_A_BODY = [
  "malformed_json",
  "unsupported_media_type",
  "invalid_request",
] as const satisfies ProblemCode[];

/** Refusals of a request that needs a session. */
export const OF_A_SESSION = ["unauthenticated"] as const satisfies ProblemCode[];

/** Refusals of a write that a browser's cookie signs in. */
export const OF_A_WRITE = [
  ...OF_A_SESSION,
  "cross_origin",
  "rate_limited",
] as const satisfies ProblemCode[];

/** Problem details (RFC 9457). A refusal may bring further members, such as `opensInMs`. */
export const Problem = z.looseObject({
  type: z.string().meta({ description: "the URI that names this kind of refusal" }),
  title: z.string().meta({ description: "in the reader's language" }),
  status: z.int(),
  code: z.string().meta({ description: "the stable name of this kind of refusal" }),
  instance: z.string().meta({ description: "the request's name, for the operator" }),
  detail: z.optional(z.string()),
});

const PROBLEM = "#/components/schemas/Problem";

/** The responses that refuse a request, by status. `own`: the codes of this operation. */
export function refusals(own: readonly ProblemCode[]): ZodOpenApiResponsesObject {
  const codes = [...new Set([...own, ...ANY_REQUEST])];
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([one], [other]) => one - other)
      .map(([status, ofStatus]) => [String(status), refusal(status, ofStatus)]),
  );
}

function refusal(status: number, codes: readonly ProblemCode[]): ZodOpenApiResponseObject {
  const members = Object.assign({}, ...codes.map((code) => MEMBERS[code] ?? {})) as Members;
  const properties = { code: { enum: [...codes] }, ...members };
  const schema = { allOf: [{ $ref: PROBLEM }], properties };
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].en}`).join("\n\n"),
    ...(HEADERS[status] && { headers: HEADERS[status] }),
    content: { "application/problem+json": { schema } },
  };
}

const TEXT = { type: "string" } as const;

type Members = Record<string, oas31.SchemaObject | oas31.ReferenceObject>;

/** The members that the refusals of a code have beyond those of Problem. */
const MEMBERS: Partial<Record<ProblemCode, Members>> = {
  seats_given: {
    seatsTaken: { type: "integer", description: "seats that are given, at least" },
  },
  version_conflict: { lecture: { $ref: "#/components/schemas/OrganisedLecture" } },
  invalid_import: {
    rows: { type: "array", items: { $ref: "#/components/schemas/ShownFault" } },
    faults: { type: "integer", description: "all faults; `rows` holds the first" },
  },
  invalid_request: {
    field: { ...TEXT, description: "the field at fault, where a lecture has one" },
  },
  too_late: {
    cancelUntil: {
      type: "string",
      format: "date-time",
      description: "the last moment for a cancel",
    },
  },
  overlaps: {
    overlaps: {
      type: "array",
      items: { $ref: "#/components/schemas/Overlap" },
      description: "the lectures at the same hours",
    },
  },
};

/** The headers of the refusals with a status. */
const HEADERS: Record<number, ZodOpenApiHeadersObject> = {
  401: { "WWW-Authenticate": { schema: TEXT, required: true } },
  405: { Allow: { description: "the methods of this address", schema: TEXT, required: true } },
  409: {
    Location: { description: "the reservation that stands in the way, if any", schema: TEXT },
    "Retry-After": { ...RETRY_AFTER["Retry-After"], required: false },
  },
  412: { ETag: { ...ETAG.ETag, required: false } },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};
