import { mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** What one run of a program has written: everything in `log` from a byte on. */
export interface ProgramOutput {
  log: string;
  fromByte: number;
}

const LOG_BYTES_MAX = 16 * 1024 * 1024;
const LINE_CHARS_MAX = 240;
const COMPLAINT = /error|fatal|denied|failed|cannot/i;

/** Opens a log to be continued. One that has grown large is set aside first, in place of the one before. */
export function openLog(log: string): { output: ProgramOutput; fd: number } {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const bytes = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const isLarge = bytes > LOG_BYTES_MAX;
  if (isLarge) renameSync(log, `${log}.1`);
  return { output: { log, fromByte: isLarge ? 0 : bytes }, fd: openSync(log, "a", 0o600) };
}

/** What went wrong, as far as the output tells: the last line that speaks of an error, else the last line; and the log's name. */
export function complaintIn({ log, fromByte }: ProgramOutput): string {
  const lines = readFileSync(log)
    .subarray(fromByte)
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim());
  const line = lines.findLast((text) => COMPLAINT.test(text) && !/aborting/i.test(text)) ?? lines.at(-1);
  return `${line?.trim().slice(0, LINE_CHARS_MAX) ?? "it wrote nothing"} (${log})`;
}
