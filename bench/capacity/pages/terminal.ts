import Table from "cli-table3";
import pc from "picocolors";
import { type Sheet, textOf } from "./sheet.ts";

/** Tables for people at a terminal. */
export function terminalText(sheets: Sheet[]): string {
  return sheets.map(terminalTable).join("\n\n");
}

function terminalTable({ title, head, rows }: Sheet): string {
  const table = new Table({
    head: head.map((cell) => pc.bold(textOf(cell, "en"))),
    // Colours of its own would ignore NO_COLOR and pipes.
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, at) => (at === 0 ? "left" : "right")),
    wordWrap: true,
    colWidths: head.map((cell, column) => widthOf(rows.map((row) => row[column] ?? "").concat(cell), column)),
  });
  for (const row of rows) table.push(row.map((cell) => textOf(cell, "en")));
  return `${pc.bold(title.en)}\n${table.toString()}`;
}

const WIDEST = 50;
const NARROWEST_HEAD = 12;

/** As wide as the longest figure; a longer head is broken into lines. */
function widthOf(cells: Sheet["head"], column: number): number {
  const lengths = cells.map((cell) => textOf(cell, "en").length);
  const [headLength, ...others] = [lengths.at(-1) ?? 0, ...lengths.slice(0, -1)];
  const wanted = Math.max(...others, column === 0 ? headLength : Math.min(headLength, NARROWEST_HEAD));
  return Math.min(wanted, WIDEST) + 2;
}
