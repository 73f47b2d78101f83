import { CSV_TYPE } from "../../contract/csv-files.ts";
import type { OriginDeps } from "../deps.ts";
import { csvStream, type RecordPages } from "./stream.ts";

/** How long a page of a file may take, in milliseconds; then the file breaks. */
export const FILE_PAGE_WITHIN_MS = 10_000;

/** Answers with a CSV file; see csvStream. */
export async function answerCsv(
  { log }: Pick<OriginDeps, "log">,
  header: readonly string[],
  pages: RecordPages,
): Promise<Response> {
  const onBroken = (err: unknown) =>
    log.warn({ event: "file_broken", err }, "a file ended before it was whole");
  return new Response(await csvStream(header, pages, onBroken), {
    headers: { "Content-Type": `${CSV_TYPE}; charset=utf-8` },
  });
}
