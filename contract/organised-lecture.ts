import * as z from "zod";
import { Amendment } from "./amendment.ts";
import type { LectureId, Rid } from "./ids.ts";
import { Lecture, LectureInList } from "./lecture.ts";
import { MAX_WAIT_MS } from "./origin-api.ts";
import { Change } from "./terms.ts";
import { TimeMs } from "./time.ts";
import { Words, WordsChange } from "./words.ts";

/**
 * A lecture as its organisers see it: its stock row, its words, and what happened to it. Times are
 * RFC 3339 in UTC.
 */
export const OrganisedLecture = z.object({
  ...Lecture.shape,
  description: z.string(),
  published: z.boolean(),
  /** the end of cancelling; null is the start */
  cancelUntil: z.nullable(z.iso.datetime()),
  /** the seats that count: more than its organisers asked for, while the number sinks */
  capacity: z.int().nonnegative(),
  /** what the capacity sinks to, as seats come back */
  sinkingTo: z.optional(z.int().nonnegative()),
  /** confirmed seats */
  seatsTaken: z.int().nonnegative(),
  remaining: z.int().nonnegative(),
  /** how many amendments were decided */
  amendments: z.int().nonnegative(),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type OrganisedLecture = z.infer<typeof OrganisedLecture>;

/** The same in a list, by the catalogue's copy of its terms. */
export const OrganisedInList = LectureInList.extend({
  published: z.boolean(),
  cancelUntil: z.nullable(z.iso.datetime()),
});
export type OrganisedInList = z.infer<typeof OrganisedInList>;

/** A page of them, latest start first, and the address of the next page, if any. */
export const OrganisedPage = z.object({
  lectures: z.array(OrganisedInList),
  next: z.optional(z.string()),
});
export type OrganisedPage = z.infer<typeof OrganisedPage>;

/** A step in the life of a lecture: an amendment, and the words that it wrote. */
export const LoggedAmendment = z.object({ ...Amendment.shape, words: z.optional(WordsChange) });
export type LoggedAmendment = z.infer<typeof LoggedAmendment>;

/** Steps of one lecture, latest decision first; `next` is the address of the next page. */
export const AmendmentLog = z.object({
  amendments: z.array(LoggedAmendment),
  next: z.optional(z.string()),
});
export type AmendmentLog = z.infer<typeof AmendmentLog>;

/** Steps on a page: the maximum, and the default. A step may bear a long description. */
export const LOG_LIMIT_MAX = 50;
export const LOG_LIMIT = 20;

const waitMs = z.int().check(z.gte(0), z.lte(MAX_WAIT_MS));

/** Asks the origin to make a lecture. The same key of the same user makes one lecture. */
export const MakeRequest = z.strictObject({
  key: z.string().check(z.minLength(1), z.maxLength(255)),
  words: Words,
  change: Change,
  requestedAtMs: TimeMs,
  waitMs,
});
export type MakeRequest = z.infer<typeof MakeRequest>;

/** Asks the origin to change a lecture; see AmendCommand. */
export const AmendRequest = z.strictObject({
  key: z.string().check(z.minLength(1), z.maxLength(255)),
  words: z.optional(WordsChange),
  change: Change,
  ifVersion: z.nullable(z.int().check(z.gte(1))),
  strict: z.boolean(),
  requestedAtMs: TimeMs,
  waitMs,
});
export type AmendRequest = z.infer<typeof AmendRequest>;

/**
 * The origin's answer to both: the amendment as it stands, and the lecture after it. A lecture
 * whose making is not decided, or was refused, is missing.
 */
export const Amended = z.object({
  amendment: Amendment,
  lecture: z.optional(OrganisedLecture),
});
export type Amended = z.infer<typeof Amended>;

/** Where clients find an amendment, a lecture and its log at the edge. */
export const organisedPaths = {
  amendment: (rid: z.infer<typeof Rid>) => `/api/admin/amendments/${rid}`,
  lecture: (id: z.infer<typeof LectureId>) => `/api/admin/lectures/${id}`,
  log: (id: z.infer<typeof LectureId>) => `/api/admin/lectures/${id}/amendments`,
} as const;
