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

/** The latest moment that a client can be told: the last one of the year 9999. */
const LAST_MS = 253_402_300_799_999;

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
  if (!Number.isSafeInteger(capacity) || capacity < 0 || capacity > 0xffff_ffff)
    return "capacity is no number of seats";
  return undefined;
}

function isDate(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms <= LAST_MS;
}
