import { type MeasuredPart, PART_TITLES } from "../../processes.ts";
import { CHINESE } from "./chinese.ts";

/** A text in both languages of the guide. */
export interface Text {
  en: string;
  zh: string;
}
export type Language = keyof Text;

/** A text, in English if chinese.ts translates it; a name; a figure. */
export type Cell = string | Text;

/** A table of the terminal and of both guide pages. */
export interface Sheet {
  /** the mark in the guide: `<!-- table: NAME -->` */
  name: string;
  title: string;
  head: Cell[];
  /** the first column is text; the others are right-aligned figures */
  rows: Cell[][];
}

/** A column: its head, and its cell in the row of a thing. */
export type Column<Thing> = [head: Cell, cell: (thing: Thing) => Cell];

/** A table with a row for each thing. */
export function sheetOf<Thing>(
  { name, title }: Pick<Sheet, "name" | "title">,
  columns: Column<Thing>[],
  things: Thing[],
): Sheet {
  return {
    name,
    title,
    head: columns.map(([head]) => head),
    rows: things.map((thing) => columns.map(([, cell]) => cell(thing))),
  };
}

/** A column for each part of the system. */
export function partColumns<Thing>(
  parts: readonly MeasuredPart[],
  cell: (thing: Thing, part: MeasuredPart) => string,
): Column<Thing>[] {
  return parts.map((part) => [PART_TITLES[part], (thing) => cell(thing, part)]);
}

export function textOf(cell: Cell, language: Language): string {
  if (typeof cell !== "string") return cell[language];
  return language === "zh" ? (CHINESE[cell] ?? cell) : cell;
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

/** CPU per operation, given in milliseconds, in microseconds. */
export function micros(ms: number): string {
  return whole(ms * 1_000);
}

/** A number of CPUs in use. */
export function cpus(value: number): string {
  return value.toFixed(2);
}
