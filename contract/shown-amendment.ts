import * as z from "zod";
import { Amendment } from "./amendment.ts";
import type { LoggedAmendment } from "./organised-lecture.ts";
import type { Change, Terms } from "./terms.ts";
import { WordsChange } from "./words.ts";

const moment = z.iso.datetime();

/** Terms, or what a change makes of them, as organisers see them. Times are RFC 3339 in UTC. */
export const ShownTerms = z
  .object({
    version: z.int(),
    create: z.literal(true),
    published: z.boolean(),
    cancelled: z.boolean(),
    opensAt: moment,
    closesAt: moment,
    startsAt: moment,
    endsAt: moment,
    cancelUntil: z.nullable(moment),
    capacity: z.int(),
    audience: z.array(z.string()),
  })
  .partial();
export type ShownTerms = z.infer<typeof ShownTerms>;

/**
 * A change of a lecture as organisers see it. `before` and `after` are the terms around it, `words`
 * what it wrote. `version` is the version that it made, or that it found where it was refused.
 */
export const ShownAmendment = z.object({
  ...Amendment.shape,
  change: z.optional(ShownTerms),
  before: z.optional(ShownTerms),
  after: z.optional(ShownTerms),
  words: z.optional(WordsChange),
});
export type ShownAmendment = z.infer<typeof ShownAmendment>;

/** A page of them, latest decision first, and the address of the next page, if any. */
export const ShownLog = z.object({
  amendments: z.array(ShownAmendment),
  next: z.optional(z.string()),
});
export type ShownLog = z.infer<typeof ShownLog>;

export function showAmendment({
  change,
  before,
  after,
  ...amendment
}: LoggedAmendment): ShownAmendment {
  return {
    ...amendment,
    ...(change && { change: showTerms(change) }),
    ...(before && { before: showTerms(before) }),
    ...(after && { after: showTerms(after) }),
  };
}

function showTerms(terms: Change | Terms): ShownTerms {
  const { opensAtMs, closesAtMs, startsAtMs, endsAtMs, cancelUntilMs, ...rest } = terms;
  return {
    ...rest,
    ...(isTime(opensAtMs) && { opensAt: isoOf(opensAtMs) }),
    ...(isTime(closesAtMs) && { closesAt: isoOf(closesAtMs) }),
    ...(isTime(startsAtMs) && { startsAt: isoOf(startsAtMs) }),
    ...(isTime(endsAtMs) && { endsAt: isoOf(endsAtMs) }),
    ...(cancelUntilMs !== undefined && {
      cancelUntil: cancelUntilMs === null ? null : isoOf(cancelUntilMs),
    }),
  };
}

/** A date that was none is kept as null. */
function isTime(ms: number | null | undefined): ms is number {
  return typeof ms === "number";
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
