import * as z from "zod";
import { HOST_ID_FORM } from "../host.ts";
import { Availability, Lecture } from "../lecture.ts";
import {
  CATEGORY_LENGTH_MAX,
  LecturePage,
  LIST_LIMIT,
  LIST_LIMIT_MAX,
  LIST_STATES,
  Q_LENGTH_MAX,
} from "../lecture-list.ts";
import { LECTURE_PATH } from "./parameters.ts";
import { refusals } from "./refusals.ts";
import { AGE, ETAG, NOT_MODIFIED } from "./response-headers.ts";
import type { Tag } from "./tag.ts";

const IF_NONE_MATCH = z.object({
  "If-None-Match": z.optional(z.string().meta({ description: "the ETag of the answer known" })),
});

/** What narrows the list. */
const LIST = z.object({
  q: z.optional(z.string().max(Q_LENGTH_MAX).meta({ description: "words to look for" })),
  state: z.optional(
    z.enum(LIST_STATES).meta({ description: "of booking; seats left are no part of it" }),
  ),
  day: z.optional(
    z.iso.date().meta({ description: "lectures that start on that day at the campus" }),
  ),
  host: z.optional(z.string().regex(HOST_ID_FORM).meta({ description: "the id of a host" })),
  category: z.optional(z.string().max(CATEGORY_LENGTH_MAX)),
  after: z.optional(z.string().meta({ description: "from the page before" })),
  limit: z.optional(
    z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).meta({ default: LIST_LIMIT }),
  ),
});

/** A version, and its age where it stands in for an origin that is away. */
const KEPT = { ...ETAG, ...AGE };

/** Reading the lectures: open to everybody. */
export const lectures: Tag = {
  name: "lectures",
  description: "What there is to book",
  paths: {
    "/api/lectures": {
      get: {
        operationId: "listLectures",
        security: [],
        summary: "The published lectures, soonest first",
        requestParams: { query: LIST, header: IF_NONE_MATCH },
        responses: {
          "200": {
            description: "A page; `next` is the address of the page after it",
            headers: KEPT,
            content: { "application/json": { schema: LecturePage } },
          },
          "304": NOT_MODIFIED,
          ...refusals(["rate_limited", "invalid_request", "overloaded"]),
        },
      },
    },
    "/api/lectures/{id}": {
      get: {
        operationId: "getLecture",
        security: [],
        summary: "One published lecture, however old",
        requestParams: { path: LECTURE_PATH, header: IF_NONE_MATCH },
        responses: {
          "200": {
            description: "The lecture",
            headers: KEPT,
            content: { "application/json": { schema: Lecture } },
          },
          "304": NOT_MODIFIED,
          ...refusals(["lecture_not_found", "rate_limited", "overloaded"]),
        },
      },
    },
    "/api/lectures/{id}/availability": {
      get: {
        operationId: "getAvailability",
        security: [],
        summary: "What a booking button needs: state, seats left, and the server's time",
        requestParams: { path: LECTURE_PATH, header: IF_NONE_MATCH },
        responses: {
          "200": {
            description: "The state of booking. `serverTime` is part of its ETag.",
            headers: ETAG,
            content: { "application/json": { schema: Availability } },
          },
          "304": NOT_MODIFIED,
          ...refusals(["lecture_not_found", "rate_limited", "not_ready"]),
        },
      },
    },
  },
};
