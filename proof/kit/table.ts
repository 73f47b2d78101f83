import Table from "cli-table3";
import pc from "picocolors";

/** A table cell. A number is right-aligned if its column is. */
export type Cell = string | number;

export interface TableForm {
  /** the left-aligned columns, by default the first; all others are right-aligned */
  left?: number[];
  /** the columns' widths, at which longer cells wrap */
  widths?: number[];
}

/**
 * Renders a table as text with bold titles. It sets no colours of its own, which would ignore
 * NO_COLOR and pipes.
 *
 * @param titles of the columns; none for a table of name and value pairs
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
