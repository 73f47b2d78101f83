import * as z from "zod";
import { Availability, Lecture } from "../lecture.ts";
import { LECTURE_PATH } from "./parameters.ts";
import { refusals } from "./refusals.ts";
import { ETAG_OF_ORIGIN, NOT_MODIFIED } from "./response-headers.ts";
import type { Tag } from "./tag.ts";

const IF_NONE_MATCH = z.object({
  "If-None-Match": z.optional(z.string().meta({ description: "the ETag of the answer known" })),
});

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
        requestParams: { header: IF_NONE_MATCH },
        responses: {
          "200": {
            description: "A page of lectures",
            headers: ETAG_OF_ORIGIN,
            content: { "application/json": { schema: z.object({ lectures: z.array(Lecture) }) } },
          },
          "304": NOT_MODIFIED,
          ...refusals(["rate_limited", "overloaded"]),
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
            headers: ETAG_OF_ORIGIN,
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
        requestParams: { path: LECTURE_PATH },
        responses: {
          "200": {
            description: "The state of booking",
            content: { "application/json": { schema: Availability } },
          },
          ...refusals(["lecture_not_found", "rate_limited", "not_ready"]),
        },
      },
    },
  },
};
