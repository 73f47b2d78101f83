import { CsvError, parse } from "csv-parse/sync";
import { decodeText } from "./decode.ts";
import { unguarded } from "./guard.ts";

/** A record of a file, with the line on which it ends; the first line is 1. */
export interface CsvRecord {
  line: number;
  cells: string[];
}

/**
 * Why a file cannot be read: `encoding`: neither UTF-8 nor GB18030; `quotes`: broken quotes, on
 * this line or before.
 */
export type CsvFault = { fault: "encoding" } | { fault: "quotes"; line: number };

/**
 * Reads a CSV file (RFC 4180), of at most `recordsMax` records and one more that shows that there
 * are more. Lines without text are left out. A cell loses its formula guard and keeps its white
 * space.
 */
export function readCsv(
  bytes: Uint8Array,
  recordsMax: number,
): { records: CsvRecord[] } | CsvFault {
  const text = decodeText(bytes);
  if (text === undefined) return { fault: "encoding" };
  try {
    const parsed = parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: recordsMax + 1,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    const records = parsed.map(({ record, info }) => ({
      line: info.lines,
      cells: record.map(unguarded),
    }));
    return { records: records.filter(({ cells }) => cells.some((cell) => cell.trim() !== "")) };
  } catch (error) {
    if (error instanceof CsvError) return { fault: "quotes", line: lineOf(error) };
    throw error;
  }
}

function lineOf(error: CsvError): number {
  const line = (error as { lines?: unknown }).lines;
  return typeof line === "number" ? line : 0;
}
