import * as z from "zod";
import { LectureId } from "./ids.ts";

/**
 * A lecture as clients see it. Times are RFC 3339 in UTC; the booking window is [opensAt,
 * closesAt).
 */
export const Lecture = z.object({
  id: LectureId,
  title: z.string(),
  speaker: z.string(),
  venue: z.string(),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  opensAt: z.iso.datetime(),
  closesAt: z.iso.datetime(),
  capacity: z.int().nonnegative(),
  cancelled: z.boolean(),
});
export type Lecture = z.infer<typeof Lecture>;

/**
 * The facts for a booking button. `serverTime` is Redis' clock, which judges the window. Redis
 * forgets a lecture a month after its window closed: then `serverTime` is the edge's clock, and
 * `remaining` is 0.
 */
export const Availability = z.object({
  state: z.enum(["upcoming", "open", "sold_out", "closed", "cancelled"]),
  remaining: z.int().nonnegative(),
  capacity: z.int().nonnegative(),
  opensAt: z.iso.datetime(),
  closesAt: z.iso.datetime(),
  serverTime: z.iso.datetime(),
});
export type Availability = z.infer<typeof Availability>;
