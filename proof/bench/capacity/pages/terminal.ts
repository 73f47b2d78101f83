import pc from "picocolors";
import { tableText } from "../../../kit/table.ts";
import { type Sheet, textOf } from "./sheet.ts";

/** Tables for the terminal. */
export function terminalText(sheets: Sheet[]): string {
  return sheets.map(terminalTable).join("\n\n");
}

function terminalTable({ title, head, rows }: Sheet): string {
  const widths = head.map((cell, column) =>
    widthOf(rows.map((row) => row[column] ?? "").concat(cell), column),
  );
  const textsOf = (cells: Sheet["head"]) => cells.map((cell) => textOf(cell, "en"));
  return `${pc.bold(title.en)}\n${tableText(textsOf(head), rows.map(textsOf), { widths })}`;
}

const WIDEST = 50;
const NARROWEST_HEAD = 12;

/** The width of the longest figure; a longer head wraps. */
function widthOf(cells: Sheet["head"], column: number): number {
  const lengths = cells.map((cell) => textOf(cell, "en").length);
  const [headLength, ...others] = [lengths.at(-1) ?? 0, ...lengths.slice(0, -1)];
  const wanted = Math.max(
    ...others,
    column === 0 ? headLength : Math.min(headLength, NARROWEST_HEAD),
  );
  return Math.min(wanted, WIDEST) + 2;
}
