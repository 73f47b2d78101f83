import { guarded } from "./guard.ts";

/** Without it Excel takes UTF-8 for the system's own encoding. */
export const BOM = "\uFEFF";

/** Writes one record (RFC 4180), with a formula guard on every cell. */
export function writeRecord(cells: readonly string[]): string {
  return `${cells.map(writeCell).join(",")}\r\n`;
}

function writeCell(cell: string): string {
  const text = guarded(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
