import pc from "picocolors";
import { tableText } from "../../../kit/table.ts";
import { type Cell, type Sheet, textOf } from "./sheet.ts";

/** Tables for the terminal. */
export function terminalText(sheets: Sheet[]): string {
  return sheets.map(terminalTable).join("\n\n");
}

function terminalTable({ title, head, rows }: Sheet): string {
  const textsOf = (cells: Cell[]) => cells.map((cell) => textOf(cell, "en"));
  const [titles, texts] = [textsOf(head), rows.map(textsOf)];
  const widths = titles.map((text, column) => widthOf(text, column, texts));
  return `${pc.bold(title)}\n${tableText(titles, texts, { widths })}`;
}

const WIDEST = 50;
const NARROWEST_HEAD = 12;

/** The width of the longest figure; a longer head wraps. */
function widthOf({ length }: string, column: number, rows: string[][]): number {
  const head = column === 0 ? length : Math.min(length, NARROWEST_HEAD);
  const longest = Math.max(head, ...rows.map((row) => row[column]?.length ?? 0));
  return Math.min(longest, WIDEST) + 2;
}
