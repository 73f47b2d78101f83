import * as z from "zod";
import { LATEST_MS, TimeMs } from "./time.ts";

/**
 * The terms of a lecture: who may book which seats, and when. Times are Unix milliseconds; NaN
 * stands for a date that is none.
 */
export interface Terms {
  /** counts the amendments of terms and words, from 1 */
  version: number;
  /** whether anybody but its organisers sees it */
  published: boolean;
  cancelled: boolean;
  opensAtMs: number;
  closesAtMs: number;
  startsAtMs: number;
  endsAtMs: number;
  /** the end of cancelling; null is the start */
  cancelUntilMs: number | null;
  /** the seats that its organisers want; more may be confirmed while the number sinks */
  capacity: number;
  /** the groups that may book; none is everybody */
  audience: string[];
}

/** The most seats of a lecture: MySQL's INT UNSIGNED. */
export const CAPACITY_MAX = 0xffff_ffff;

/**
 * A group of people, as their session names it: letters and digits of any script, and a few marks.
 * No mark needs an escape in JSON, and none is the comma that parts groups in Redis.
 */
export const GROUP_FORM = /^[\p{L}\p{N}][\p{L}\p{N}._:@/-]{0,63}$/u;
export const Group = z.string().check(z.regex(GROUP_FORM));

/** The most groups of an audience, and of a session. */
export const GROUPS_MAX = 50;

/** The groups that may book, each once. An empty audience is everybody. */
export const Audience = z.array(Group).check(
  z.maxLength(GROUPS_MAX),
  z.refine((groups) => new Set(groups).size === groups.length),
);

/** What an amendment changes. An empty change is the next step of a capacity that sinks. */
export const Change = z.strictObject({
  create: z.optional(z.literal(true)),
  published: z.optional(z.boolean()),
  cancelled: z.optional(z.literal(true)),
  opensAtMs: z.optional(TimeMs),
  closesAtMs: z.optional(TimeMs),
  startsAtMs: z.optional(TimeMs),
  endsAtMs: z.optional(TimeMs),
  cancelUntilMs: z.optional(z.nullable(TimeMs)),
  capacity: z.optional(z.int().check(z.gte(0), z.lte(CAPACITY_MAX))),
  audience: z.optional(Audience),
});
export type Change = z.infer<typeof Change>;

/** When seats are given: [opensAtMs, closesAtMs). */
export interface BookingWindow {
  opensAtMs: number;
  closesAtMs: number;
}

/** Booking ends when it closes, and at the lecture's start at the latest. */
export function bookingWindow({
  opensAtMs,
  closesAtMs,
  startsAtMs,
}: Pick<Terms, "opensAtMs" | "closesAtMs" | "startsAtMs">): BookingWindow {
  return { opensAtMs, closesAtMs: Math.min(closesAtMs, startsAtMs) };
}

/**
 * The last moment for giving a seat back, in Unix milliseconds. Undefined where cancelling has no
 * end: for a cancelled lecture, and for terms that make no sense.
 */
export function cancelUntil(terms: Terms): number | undefined {
  if (terms.cancelled || senselessTerm(terms) !== undefined) return undefined;
  return terms.cancelUntilMs ?? terms.startsAtMs;
}

const DATES = {
  opensAtMs: "opens_at",
  closesAtMs: "closes_at",
  startsAtMs: "starts_at",
  endsAtMs: "ends_at",
} as const;

/**
 * The fault of a lecture's terms, in a few words; undefined for sensible terms. MySQL may hold an
 * invalid date, such as 0000-00-00. A table without its checks may hold anything.
 */
export function senselessTerm(terms: Terms): string | undefined {
  for (const [name, column] of Object.entries(DATES))
    if (!isDate(terms[name as keyof typeof DATES])) return `${column} is no date`;
  const { opensAtMs, closesAtMs, startsAtMs, endsAtMs, cancelUntilMs, capacity } = terms;
  if (cancelUntilMs !== null && !isDate(cancelUntilMs)) return "cancel_until is no date";
  if (closesAtMs <= opensAtMs) return "it closes before it opens";
  if (startsAtMs <= opensAtMs) return "it starts before it opens";
  if (endsAtMs <= startsAtMs) return "it ends before it starts";
  if (!Number.isSafeInteger(capacity) || capacity < 0 || capacity > CAPACITY_MAX)
    return "capacity is no number of seats";
  return undefined;
}

function isDate(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms <= LATEST_MS;
}
