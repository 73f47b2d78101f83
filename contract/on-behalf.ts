import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as z from "zod";
import { type IdempotencyKey, LectureId, Rid, UserId } from "./ids.ts";
import { Reservation } from "./reservation.ts";
import { SessionGroups } from "./session.ts";
import { TimeMs } from "./time.ts";

/** The most students in one request of an organiser. */
export const STUDENTS_MAX = 1_000;

/** The most claims, and the most ids, in one call to the origin: its body stays below 16 KB. */
export const CLAIMS_MAX = 100;

/** The students whom an organiser books for, as typed. */
export const StudentList = z.strictObject({
  studentNumbers: z
    .array(z.string().check(z.maxLength(200)))
    .check(z.minLength(1), z.maxLength(STUDENTS_MAX)),
});
export type StudentList = z.infer<typeof StudentList>;

/**
 * A student in an organiser's file. `line`: where the row ends; the first line is 1. `groups`:
 * those of the student's last sign-in, null before the first; left out for a lecture without an
 * audience.
 */
export const ListedStudent = z.object({
  line: z.int(),
  studentNumber: z.string(),
  groups: z.optional(z.nullable(SessionGroups)),
});
export type ListedStudent = z.infer<typeof ListedStudent>;

/**
 * Why a file names no students: `encoding`: neither UTF-8 nor GB18030; `quotes`: broken quotes at
 * or before the line; `column`: no column is called a student number.
 */
export const FileFault = z.object({
  fault: z.enum(["encoding", "quotes", "empty", "column", "too_many"]),
  line: z.optional(z.int()),
});
export type FileFault = z.infer<typeof FileFault>;

/** The origin's answer to a list or a file of students. */
export const ListedStudents = z.union([z.object({ students: z.array(ListedStudent) }), FileFault]);
export type ListedStudents = z.infer<typeof ListedStudents>;

/**
 * The key of a booking on a student's behalf. The student's own keys and those of other organisers
 * name other bookings.
 */
export function keyOnBehalf(organiser: UserId, key: IdempotencyKey): IdempotencyKey {
  const hash = bytesToHex(sha256(utf8ToBytes(`${organiser}\0${key}`)));
  return `on-behalf:${hash.slice(0, 32)}`;
}

/** Claims of one lecture that are to be decided. */
export const Claims = z.object({
  lectureId: LectureId,
  claims: z
    .array(z.object({ rid: Rid, userId: UserId, claimedAtMs: TimeMs }))
    .check(z.minLength(1), z.maxLength(CLAIMS_MAX)),
});
export type Claims = z.infer<typeof Claims>;

/** `queued`: how many commands the broker has confirmed; `closed` as in CommandAnswer. */
export const ClaimsAnswer = z.object({ queued: z.int(), closed: z.optional(z.boolean()) });
export type ClaimsAnswer = z.infer<typeof ClaimsAnswer>;

/** Asks for decisions of one lecture, and waits up to `waitMs` for those that are undecided. */
export const DecisionsRequest = z.object({
  lectureId: LectureId,
  rids: z.array(Rid).check(z.minLength(1), z.maxLength(CLAIMS_MAX)),
  waitMs: z.int().check(z.gte(0), z.lte(20_000)),
});
export type DecisionsRequest = z.infer<typeof DecisionsRequest>;

/** The reservations that are decided; an id that is missing is not. */
export const Decisions = z.object({ reservations: z.array(Reservation) });
export type Decisions = z.infer<typeof Decisions>;

/**
 * What became of a student of the request:
 * - `confirmed`, `cancelled`: the decision, as it stands;
 * - `pending`: the seat is claimed and will be decided;
 * - `refused`: no seat, by `code`, which is a problem code;
 * - `unknown`: the seat may be claimed; the same request again tells.
 */
export const BookedRow = z.object({
  /** the place in the list, or the line of the file; both begin with 1 */
  row: z.int(),
  studentNumber: z.string(),
  status: z.enum(["confirmed", "pending", "cancelled", "refused", "unknown"]),
  reservationId: z.optional(Rid),
  code: z.optional(z.string()),
  /** the code in the reader's language */
  message: z.optional(z.string()),
  /** an earlier row with the same student, whose booking this is */
  sameAs: z.optional(z.int()),
});
export type BookedRow = z.infer<typeof BookedRow>;

/** The report on a booking on behalf of students, a row each. */
export const BookedReport = z.object({
  lectureId: LectureId,
  counts: z.record(BookedRow.shape.status, z.int()),
  rows: z.array(BookedRow),
});
export type BookedReport = z.infer<typeof BookedReport>;
