/** A text in both languages of the guide. */
export interface Text {
  en: string;
  zh: string;
}
export type Language = keyof Text;

/** A text equal in both languages: a name, a figure. */
export type Cell = string | Text;

/** A table of the terminal and of both guide pages. */
export interface Sheet {
  /** the mark in the guide: `<!-- table: NAME -->` */
  name: string;
  title: Text;
  head: Cell[];
  /** the first column is text; the others are right-aligned figures */
  rows: Cell[][];
}

export function textOf(cell: Cell, language: Language): string {
  return typeof cell === "string" ? cell : cell[language];
}

/** A whole number with separated thousands. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Three digits, the precision of one run; zero is a dash. */
export function short(value: number): string {
  if (value === 0) return "–";
  if (Math.abs(value) >= 100) return whole(value);
  return String(Number(value.toPrecision(value < 1 ? 2 : 3)));
}
