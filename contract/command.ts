import * as z from "zod";
import { LectureId, lectureOf, Rid, UserId } from "./ids.ts";

const addressed = { rid: Rid, lectureId: LectureId, userId: UserId };

/** Asks for the decision of a claim. `claimedAtMs` is Redis' time of the claim, in Unix milliseconds. */
export const ReserveCommand = z.object({
  kind: z.literal("reserve"),
  ...addressed,
  claimedAtMs: z.int().nonnegative(),
});
export type ReserveCommand = z.infer<typeof ReserveCommand>;

/** Asks to give a confirmed seat back. `requestedAtMs` is the edge's time, in Unix milliseconds. */
export const CancelCommand = z.object({
  kind: z.literal("cancel"),
  ...addressed,
  requestedAtMs: z.int().nonnegative(),
});
export type CancelCommand = z.infer<typeof CancelCommand>;

/** The RabbitMQ message, and the data of its pending node: both carry the whole command, so either can restore the other. */
export const Command = z
  .discriminatedUnion("kind", [ReserveCommand, CancelCommand])
  .refine((command) => lectureOf(command.rid) === command.lectureId, {
    error: "the rid is of another lecture",
  });
export type Command = z.infer<typeof Command>;
