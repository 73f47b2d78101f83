import * as z from "zod";
import { LectureId } from "./ids.ts";

/** The most lectures in one file. */
export const LECTURES_IN_FILE_MAX = 500;

/**
 * What is wrong with a file of lectures. `row`: the line where the row ends; 0 stands for the whole
 * file. `field`: the column as the file calls it.
 */
export const ImportFault = z.object({
  row: z.int(),
  field: z.optional(z.string()),
  en: z.string(),
  zh: z.string(),
});
export type ImportFault = z.infer<typeof ImportFault>;

/**
 * A lecture of the file:
 * - `valid`: it would be made (dry run)
 * - `made`: it is there
 * - `unchanged`: the file names a lecture that is there, and is as the file says
 * - `pending`: it is not made yet; the same request again goes on
 * - `refused`: the worker could not make it
 */
export const ImportedRow = z.object({
  row: z.int(),
  title: z.string(),
  status: z.enum(["valid", "made", "unchanged", "pending", "refused"]),
  id: z.optional(LectureId),
});
export type ImportedRow = z.infer<typeof ImportedRow>;

/** The origin's answer to a file: with a fault in it, nothing was made. */
export const ImportAnswer = z.union([
  z.object({ faults: z.array(ImportFault) }),
  z.object({ rows: z.array(ImportedRow) }),
]);
export type ImportAnswer = z.infer<typeof ImportAnswer>;

/** The client's answer to a file without a fault. */
export const ImportReport = z.object({
  dryRun: z.boolean(),
  counts: z.record(ImportedRow.shape.status, z.int()),
  rows: z.array(ImportedRow),
});
export type ImportReport = z.infer<typeof ImportReport>;

/** A fault as clients see it, in the reader's language. */
export const ShownFault = z.object({
  row: z.int(),
  field: z.optional(z.string()),
  reason: z.string(),
});
export type ShownFault = z.infer<typeof ShownFault>;
