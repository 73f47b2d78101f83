import * as z from "zod";
import { LectureId, Rid, UserId } from "./ids.ts";
import { Change, type Terms } from "./terms.ts";

/** Why an amendment was refused. A refused amendment has changed nothing. */
export const AmendmentRefusal = z.enum([
  "version_conflict",
  "invalid",
  "seats_given",
  "lecture_not_found",
  "undeliverable",
]);
export type AmendmentRefusal = z.infer<typeof AmendmentRefusal>;

/** MySQL's record of an amendment, written once. */
export const AmendmentOutcome = z.enum(["applied", "refused"]);
export type AmendmentOutcome = z.infer<typeof AmendmentOutcome>;

/** Terms as an amendment keeps them. Terms that were in force stay as they were, also odd ones. */
const TermsRecord: z.ZodType<Terms> = z.object({
  version: z.int(),
  published: z.boolean(),
  cancelled: z.boolean(),
  opensAtMs: z.int(),
  closesAtMs: z.int(),
  startsAtMs: z.int(),
  endsAtMs: z.int(),
  cancelUntilMs: z.nullable(z.int()),
  capacity: z.int(),
  audience: z.array(z.string()),
});

/**
 * A change of a lecture's terms. `version`: the version that it made, or the present version when
 * it was refused. An undecided amendment has no more than its status. Times are RFC 3339 in UTC.
 */
export const Amendment = z.object({
  id: Rid,
  lectureId: LectureId,
  status: z.enum(["pending", ...AmendmentOutcome.options]),
  reason: z.optional(AmendmentRefusal),
  version: z.optional(z.int()),
  change: z.optional(Change),
  before: z.optional(TermsRecord),
  after: z.optional(TermsRecord),
  by: z.optional(UserId),
  requestedAt: z.optional(z.iso.datetime()),
  decidedAt: z.optional(z.iso.datetime()),
});
export type Amendment = z.infer<typeof Amendment>;

/** Amendments of one lecture, latest decision first; `next` is where the next page begins. */
export const AmendmentPage = z.object({
  amendments: z.array(Amendment),
  next: z.optional(z.string()),
});
export type AmendmentPage = z.infer<typeof AmendmentPage>;
