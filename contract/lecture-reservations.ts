import * as z from "zod";
import { Rid } from "./ids.ts";
import { DecisionStatus, RejectReason } from "./reservation.ts";

/** Reservations on a page of a lecture's list: the maximum, and the default. */
export const SEATS_LIMIT_MAX = 200;
export const SEATS_LIMIT = 50;

/** What the list of a lecture's reservations is narrowed to. */
export interface SeatFilter {
  status?: DecisionStatus | undefined;
  /** the beginning of student numbers, as typed */
  student?: string | undefined;
}

export interface SeatQuery extends SeatFilter {
  /** the last reservation of the page before */
  after?: Rid | undefined;
  limit: number;
}

/** The beginning of a student number; full-width letters and digits become narrow ones. */
const StudentPrefix = z
  .string()
  .check(z.maxLength(80), z.normalize("NFKC"), z.trim(), z.regex(/^[0-9A-Za-z]{1,20}$/));

const Query = z.object({
  status: z.optional(DecisionStatus),
  student: z.optional(StudentPrefix),
  after: z.optional(Rid),
  limit: z._default(
    z
      .string()
      .check(z.regex(/^[1-9][0-9]{0,2}$/))
      .transform(Number)
      .check(z.lte(SEATS_LIMIT_MAX)),
    SEATS_LIMIT,
  ),
});

const NAMES = ["status", "student", "after", "limit"] as const;

/** Reads the parameters of the list; undefined where one is not as it must be. */
export function readSeatQuery(given: Record<string, string | undefined>): SeatQuery | undefined {
  const { status, student, after, limit } = given;
  return Query.safeParse({ status, student, after, limit }).data;
}

/** Writes the parameters in one order; the defaults are left out. */
export function writeSeatQuery(query: Partial<SeatQuery>): string {
  const parameters = new URLSearchParams();
  for (const name of NAMES) {
    const value = query[name];
    if (value !== undefined && value !== SEATS_LIMIT) parameters.set(name, String(value));
  }
  return parameters.toString();
}

/** A decided reservation as organisers see it. A user who is no student has no number. */
export const Seat = z.object({
  id: Rid,
  userId: z.string(),
  studentNumber: z.optional(z.string()),
  status: DecisionStatus,
  reason: z.optional(RejectReason),
  claimedAt: z.optional(z.iso.datetime()),
  decidedAt: z.optional(z.iso.datetime()),
});
export type Seat = z.infer<typeof Seat>;

/** The origin's answer: a page by id, and the last id if there are more. */
export const OriginSeatPage = z.object({ reservations: z.array(Seat), more: z.optional(Rid) });
export type OriginSeatPage = z.infer<typeof OriginSeatPage>;

/** The client's answer: a page by id, and the address of the next page, if any. */
export const SeatPage = z.object({ reservations: z.array(Seat), next: z.optional(z.string()) });
export type SeatPage = z.infer<typeof SeatPage>;
