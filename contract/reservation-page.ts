import * as z from "zod";
import { LectureId, lectureOf, type Rid } from "./ids.ts";
import { Reservation } from "./reservation.ts";

/** Reservations on a page: the maximum, and the default. */
export const PAGE_LIMIT_MAX = 200;
export const PAGE_LIMIT = 50;

/** The most undecided claims in one question to the origin: the newest ones. */
export const HELD_MAX = 100;

/**
 * A reservation's place among its user's: newest claim first. The time of a claim never changes, so
 * neither a new reservation nor a cancel moves the others.
 */
export interface PagePlace {
  /** Unix milliseconds */
  claimedAtMs: number;
  rid: Rid;
}

/** The order of two places, for `sort`. */
export function newestFirst(one: PagePlace, other: PagePlace): number {
  if (one.claimedAtMs !== other.claimedAtMs) return other.claimedAtMs - one.claimedAtMs;
  const [a, b] = [Number(lectureOf(one.rid)), Number(lectureOf(other.rid))];
  if (a !== b) return b - a;
  return one.rid < other.rid ? 1 : one.rid > other.rid ? -1 : 0;
}

const PLACE = /^(0|[1-9][0-9]{0,14})\.([1-9][0-9]{0,14}-[0-9a-f]{32})$/;

/** Writes a place as text that a URL does not escape. */
export function writePlace({ claimedAtMs, rid }: PagePlace): string {
  return `${claimedAtMs}.${rid}`;
}

/** Reads the text of writePlace; undefined for anything else. */
export function readPlace(text: string): PagePlace | undefined {
  const [, claimedAtMs, rid] = PLACE.exec(text) ?? [];
  return rid === undefined ? undefined : { claimedAtMs: Number(claimedAtMs), rid };
}

/** A place for clients: opaque text that they hand back. */
export function writeCursor(place: PagePlace): string {
  return btoa(writePlace(place)).replaceAll("=", "");
}

const CURSOR = /^[A-Za-z0-9]{40,100}$/;

/** Reads a cursor that a client handed back; undefined for any other text. */
export function readCursor(text: string): PagePlace | undefined {
  // Base64 of whole bytes never leaves one character over.
  return CURSOR.test(text) && text.length % 4 !== 1 ? readPlace(atob(text)) : undefined;
}

/** The origin's answer: a page, and its last place if there are more. */
export const OriginPage = z.object({
  reservations: z.array(Reservation),
  more: z.optional(z.string()),
});
export type OriginPage = z.infer<typeof OriginPage>;

/**
 * The client's answer: a page, newest first, and the address of the next page, if any. `degraded`:
 * a part behind the edge did not answer, so undecided reservations may be missing.
 */
export const ReservationPage = z.object({
  reservations: z.array(Reservation),
  next: z.optional(z.string()),
  degraded: z.optional(z.literal(true)),
});
export type ReservationPage = z.infer<typeof ReservationPage>;

/** The lectures in which a claim may be undecided. `complete`: whether these are all of them. */
export const OpenLectures = z.object({ lectureIds: z.array(LectureId), complete: z.boolean() });
export type OpenLectures = z.infer<typeof OpenLectures>;
