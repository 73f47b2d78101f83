import * as z from "zod";
import type { ZodOpenApiHeadersObject, ZodOpenApiMediaTypeObject } from "zod-openapi";
import { CSV_BYTES_MAX, CSV_TYPE } from "../csv-files.ts";
import { HostId } from "../host.ts";
import { IdempotencyKey } from "../ids.ts";
import { ImportReport, LECTURES_IN_FILE_MAX } from "../lecture-file.ts";
import { SEATS_LIMIT, SEATS_LIMIT_MAX, SeatPage } from "../lecture-reservations.ts";
import { BookedReport, STUDENTS_MAX, StudentList } from "../on-behalf.ts";
import { DecisionStatus } from "../reservation.ts";
import { AFTER, json, KEY, OF_AN_ORGANISER, read } from "./organiser-parts.ts";
import { LECTURE_PATH, PREFER } from "./parameters.ts";
import { refusals } from "./refusals.ts";
import type { Tag } from "./tag.ts";

/** What narrows a lecture's reservations; `after` and `limit` do not count for a file. */
const SEATS = z.object({
  status: z.optional(DecisionStatus),
  student: z.optional(z.string().meta({ description: "the beginning of student numbers" })),
  after: AFTER,
  limit: z.optional(
    z.coerce.number().int().min(1).max(SEATS_LIMIT_MAX).meta({ default: SEATS_LIMIT }),
  ),
});
const ACCEPT = z.object({
  Accept: z.optional(
    z.string().meta({ description: "with `text/csv` all of them come as one file" }),
  ),
});

/** A file for clients, with a mark for Excel; its header is in the reader's language. */
const FILE: Record<string, ZodOpenApiMediaTypeObject> = {
  [`${CSV_TYPE}; charset=utf-8; header=present`]: { schema: z.string() },
};
const TEXT = { type: "string" } as const;
const NAME: ZodOpenApiHeadersObject = {
  "Content-Disposition": { description: "the name of the file", schema: TEXT, required: true },
};

/** The media type of files that organisers send. */
const SENT_FILE = (description: string): ZodOpenApiMediaTypeObject => ({
  schema: z.string().meta({
    description: `${description}, in UTF-8 or GB18030, at most ${CSV_BYTES_MAX} bytes`,
  }),
});

/** No JSON is read. */
const OF_AN_IMPORT = OF_AN_ORGANISER.filter((code) => code !== "malformed_json");

/** Many lectures or seats in one request: lists, files, and bookings on behalf. */
export const inBulk: Tag["paths"] = {
  "/api/admin/lectures/{id}/reservations": {
    get: {
      operationId: "listSeats",
      summary: "The decided reservations of a lecture, by id",
      requestParams: { path: LECTURE_PATH, query: SEATS, header: ACCEPT },
      responses: read(
        {
          description: "A page; `next` is the address of the page after it. Or the whole file",
          headers: { "Content-Disposition": { ...NAME["Content-Disposition"], required: false } },
          content: { "application/json": { schema: SeatPage }, ...FILE },
        },
        ["invalid_request", "lecture_not_found"],
      ),
    },
    post: {
      operationId: "bookOnBehalf",
      summary: `Book for students, at most ${STUDENTS_MAX}, by the rules for students`,
      requestParams: {
        path: LECTURE_PATH,
        header: z.object({ "Idempotency-Key": KEY, Prefer: PREFER }),
      },
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: StudentList },
          [CSV_TYPE]: SENT_FILE("a file with a column `student_number` or `学号`"),
        },
      },
      responses: {
        "200": json("What became of each student: all of it is decided.", BookedReport),
        "202": json("The same, and some rows are undecided: the same request tells.", BookedReport),
        ...refusals([...OF_AN_ORGANISER, "lecture_not_found"]),
      },
    },
  },
  "/api/admin/lectures/import": {
    post: {
      operationId: "importLectures",
      summary: `Make the lectures of a file, at most ${LECTURES_IN_FILE_MAX}: all of them, or none`,
      requestParams: {
        header: z.object({
          "Idempotency-Key": z.optional(
            IdempotencyKey.meta({
              description:
                "The name of this import, needed unless `dryRun=1`: " +
                "the same key goes on, and makes nothing twice.",
            }),
          ),
        }),
        query: z.object({
          dryRun: z.optional(z.literal("1").meta({ description: "checks the file alone" })),
        }),
      },
      requestBody: {
        required: true,
        content: { [CSV_TYPE]: SENT_FILE("a file as `export` gives it; `id` may be left out") },
      },
      responses: {
        "200": json("What became of each lecture", ImportReport),
        "202": json("Some are not made yet: the same request goes on.", ImportReport),
        ...refusals([...OF_AN_IMPORT, "invalid_import", "key_reused"]),
      },
    },
  },
  "/api/admin/lectures/export": {
    get: {
      operationId: "exportLectures",
      summary: "The lectures of one's hosts as a file that `import` takes",
      requestParams: {
        query: z.object({ host: z.optional(HostId.meta({ description: "of this host alone" })) }),
      },
      responses: read({ description: "The file", headers: NAME, content: FILE }, [
        "host_not_found",
      ]),
    },
  },
};
