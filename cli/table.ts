import Table from "cli-table3";
import colors from "picocolors";

/** Rows under their titles, without lines around them. Colours are off where nobody sees them. */
export function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const none = "";
  const table = new Table({
    head: titles.map((title) => colors.bold(title)),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
    chars: {
      top: none,
      "top-mid": none,
      "top-left": none,
      "top-right": none,
      bottom: none,
      "bottom-mid": none,
      "bottom-left": none,
      "bottom-right": none,
      left: none,
      "left-mid": none,
      mid: none,
      "mid-mid": none,
      right: none,
      "right-mid": none,
      middle: none,
    },
  });
  for (const row of rows) table.push(row.map(oneLine));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Anybody may have written it: no control character reaches the terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** As `2026-12-31 19:00`, in the time zone of this machine. */
export function timeOf(at: unknown): string {
  const date = new Date(String(at));
  if (Number.isNaN(date.getTime())) return "";
  return new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "short" }).format(date);
}
