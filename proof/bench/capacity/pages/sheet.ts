/** A text in both languages of the guide. */
export interface Text {
  en: string;
  zh: string;
}
export type Language = keyof Text;

/** What reads the same in both: a name, a figure. */
export type Cell = string | Text;

/** A table as the terminal and both pages of the guide show it. */
export interface Sheet {
  /** the mark in the guide: `<!-- table: NAME -->` */
  name: string;
  title: Text;
  head: Cell[];
  /** the first column is read, the others are figures and stand to the right */
  rows: Cell[][];
}

export function textOf(cell: Cell, language: Language): string {
  return typeof cell === "string" ? cell : cell[language];
}

/** A whole number with its thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Three digits, which is all that one run can say; nothing at all is a dash. */
export function short(value: number): string {
  if (value === 0) return "–";
  if (Math.abs(value) >= 100) return whole(value);
  return String(Number(value.toPrecision(value < 1 ? 2 : 3)));
}
