import * as z from "zod";
import { LectureId, Rid } from "./ids.ts";
import { noCase } from "./no-case.ts";

/**
 * Why a claim was rejected. Each reason is also the problem code that the client sees. A seat whose
 * lecture was cancelled is cancelled for the reason `lecture_cancelled`.
 */
export const RejectReason = z.enum([
  "sold_out",
  "already_reserved",
  "lecture_not_found",
  "lecture_cancelled",
  "overlaps",
  "undeliverable",
]);
export type RejectReason = z.infer<typeof RejectReason>;

/**
 * MySQL's record of a rid: written once as confirmed or rejected; cancelled only by an explicit
 * cancel, of the seat or of the lecture.
 */
export const DecisionStatus = z.enum(["confirmed", "rejected", "cancelled"]);
export type DecisionStatus = z.infer<typeof DecisionStatus>;

/** Whether a decision of this status holds a seat. */
export function holdsSeat(status: DecisionStatus): boolean {
  switch (status) {
    case "confirmed":
      return true;
    case "rejected":
    case "cancelled":
      return false;
    default:
      return noCase(status);
  }
}

/**
 * Whether the claim's own command wrote a decision of this status. A cancelled decision may be its
 * cancel's work, with the cancel's time.
 */
export function answersClaim(status: DecisionStatus): boolean {
  switch (status) {
    case "confirmed":
    case "rejected":
      return true;
    case "cancelled":
      return false;
    default:
      return noCase(status);
  }
}

export const ReservationStatus = z.enum(["pending", ...DecisionStatus.options]);
export type ReservationStatus = z.infer<typeof ReservationStatus>;

/**
 * Another lecture at the same hours, at which the user holds a seat. Times are RFC 3339 in UTC. The
 * title is missing while the catalogue cannot be read.
 */
export const Overlap = z.object({
  lectureId: LectureId,
  title: z.optional(z.string()),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
});
export type Overlap = z.infer<typeof Overlap>;

/**
 * A reservation as clients see it. Times are RFC 3339 in UTC.
 *
 * `overlaps`: of a seat, and of a rejection for this reason; the hours as they are now. It is
 * missing where there are none, and while they cannot be read.
 */
export const Reservation = z.object({
  id: Rid,
  lectureId: LectureId,
  status: ReservationStatus,
  reason: z.optional(RejectReason),
  decidedAt: z.optional(z.iso.datetime()),
  overlaps: z.optional(z.array(Overlap)),
});
export type Reservation = z.infer<typeof Reservation>;
