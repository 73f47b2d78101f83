/** The largest file that an organiser may send, in bytes. */
export const CSV_BYTES_MAX = 1_048_576;

/** The media type of CSV files (RFC 4180). */
export const CSV_TYPE = "text/csv";

/** Whether a Content-Type names a CSV file, whatever its parameters. */
export function isCsvType(type: string | undefined | null): boolean {
  return /^text\/csv\s*(?:;|$)/i.test(type ?? "");
}

/** The languages of a file's header. */
export const FILE_LANGUAGES = ["en", "zh"] as const;
export type FileLanguage = (typeof FILE_LANGUAGES)[number];
