import { existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The output of one run of a program: everything in `log` from a byte on. */
export interface ProgramOutput {
  log: string;
  fromByte: number;
}

const LOG_BYTES_MAX = 16 * 1024 * 1024;
const LINE_CHARS_MAX = 240;
/**
 * Opens a log for appending. A log over LOG_BYTES_MAX first becomes `.1`, in place of the previous
 * one.
 */
export function openLog(log: string): { output: ProgramOutput; fd: number } {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const bytes = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const isLarge = bytes > LOG_BYTES_MAX;
  if (isLarge) renameSync(log, `${log}.1`);
  return { output: { log, fromByte: isLarge ? 0 : bytes }, fd: openSync(log, "a", 0o600) };
}

/** The output of a running program from now on. */
export function outputFromNow(log: string): ProgramOutput {
  return { log, fromByte: statSync(log, { throwIfNoEntry: false })?.size ?? 0 };
}

/**
 * The cause of a failure as the output shows it, and the log's name. It is the last warning or
 * error, or else the last line without a level. An informing line is never a cause.
 */
export function complaintIn({ log, fromByte }: ProgramOutput): string {
  const text = existsSync(log) ? readFileSync(log).subarray(fromByte).toString("utf8") : "";
  const lines = text.split("\n").filter((line) => line.trim());
  const told = lines.map(toldBy);
  const complaint =
    told.findLast(({ isComplaint }) => isComplaint) ?? told.findLast(({ informs }) => !informs);
  const nothing = lines.length === 0 ? "it wrote nothing" : "it wrote no warning and no error";
  return `${complaint?.text.trim().slice(0, LINE_CHARS_MAX) ?? nothing} (${log})`;
}

interface Told {
  text: string;
  isComplaint: boolean;
  /** by its own level */
  informs: boolean;
}

const COMPLAINT = /error|fatal|denied|failed|cannot|critical|warning/i;
const INFORMS = /(?:^|[\s[])(?:trace|debug|info|notice|note)(?:[\s\]:]|$)/i;
/** The part of a line that may hold its level: behind date, process and thread. */
const LEVEL_CHARS = 70;
/** The level of pino. */
const WARN = 40;

function toldBy(line: string): Told {
  const json = jsonIn(line);
  if (json) {
    const isComplaint = isWarning(json["level"]);
    return { text: textOf(json, line), isComplaint, informs: !isComplaint };
  }
  const informs = INFORMS.test(line.slice(0, LEVEL_CHARS));
  return {
    text: line,
    isComplaint: !informs && COMPLAINT.test(line) && !/aborting/i.test(line),
    informs,
  };
}

function isWarning(level: unknown): boolean {
  return typeof level === "number" ? level >= WARN : /warn|error|fatal/i.test(String(level));
}

/** The message of a line and the text of its error, in place of the JSON. */
function textOf(json: Record<string, unknown>, line: string): string {
  const { msg, message, err } = json;
  const cause = typeof err === "object" && err !== null && "message" in err ? err.message : err;
  const parts = [msg ?? message, cause].filter((part) => typeof part === "string" && part !== "");
  return parts.length > 0 ? parts.join(": ") : line;
}

function jsonIn(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
