import * as z from "zod";
import { LectureId } from "./ids.ts";

/**
 * A lecture as clients see it. Times are RFC 3339 in UTC. Booking is open in [opensAt, closesAt),
 * and ends at the start at the latest.
 */
export const Lecture = z.object({
  id: LectureId,
  title: z.string(),
  speaker: z.string(),
  /** of the speaker */
  bio: z.string(),
  host: z.object({ id: z.string(), name: z.string() }),
  category: z.string(),
  venue: z.string(),
  posterUrl: z.nullable(z.string()),
  /** made from Markdown when it was written, safe to show as it is */
  descriptionHtml: z.string(),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  opensAt: z.iso.datetime(),
  closesAt: z.iso.datetime(),
  capacity: z.int().nonnegative(),
  cancelled: z.boolean(),
  /** the groups that may book; none is everybody */
  audience: z.array(z.string()),
  /** counts the changes of the lecture */
  version: z.int().nonnegative(),
});
export type Lecture = z.infer<typeof Lecture>;

/** A lecture in a list: without its long texts. */
export const LectureInList = Lecture.omit({ bio: true, descriptionHtml: true });
export type LectureInList = z.infer<typeof LectureInList>;

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
