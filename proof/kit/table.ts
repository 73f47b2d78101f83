import Table from "cli-table3";
import pc from "picocolors";

/** A table cell; a number stands to the right where its column does. */
export type Cell = string | number;

export interface TableForm {
  /** the columns whose cells stand to the left, the first one by default; all others to the right */
  left?: number[];
  /** the columns' widths, where longer cells are to be wrapped */
  widths?: number[];
}

/**
 * A table as text: bold titles, no colours of its own, which would ignore NO_COLOR and pipes.
 *
 * @param titles of the columns; a table of name and value pairs has none
 */
export function tableText(
  titles: string[],
  rows: Cell[][],
  { left = [0], widths }: TableForm = {},
): string {
  const table = new Table({
    head: titles.map((title) => pc.bold(title)),
    style: { head: [], border: [], compact: true },
    colAligns: titles.map((_, at) => (left.includes(at) ? "left" : "right")),
    ...(widths && { colWidths: widths, wordWrap: true }),
  });
  table.push(...rows);
  return table.toString();
}
