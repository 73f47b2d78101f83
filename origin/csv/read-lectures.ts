import * as z from "zod";
import { divideLecture, faultOfField, NewLecture } from "../../contract/lecture-change.ts";
import { type ImportFault, LECTURES_IN_FILE_MAX } from "../../contract/lecture-file.ts";
import { type Change, senselessTerm } from "../../contract/terms.ts";
import type { Words } from "../../contract/words.ts";
import { withCampusOffset } from "../campus-time.ts";
import { columnNamed, LECTURE_COLUMNS, type LectureColumn } from "./lecture-columns.ts";
import { type CsvFault, type CsvRecord, readCsv } from "./read.ts";

/** A lecture of a file, as it is to be. */
export interface LectureRow {
  /** the line where the row ends */
  row: number;
  /** the lecture that the file names; undefined for a new one */
  id: string | undefined;
  words: Words;
  change: Change;
  cancelled: boolean;
}

/** A file's lectures, and how the file calls its columns. */
export interface LectureFile {
  rows: LectureRow[];
  columns: ReadonlyMap<LectureColumn, string>;
}

type Texts = Pick<ImportFault, "en" | "zh">;

const NEEDED = [
  "host",
  "title",
  "speaker",
  "venue",
  "startsAt",
  "endsAt",
  "opensAt",
  "capacity",
] as const;

/**
 * Reads a file of lectures, and checks each row by itself. The result is either all rows or all
 * faults.
 *
 * @param timeZone of times without an offset
 */
export function readLectures(
  bytes: Uint8Array,
  timeZone: string,
): LectureFile | { faults: ImportFault[] } {
  const read = readCsv(bytes, LECTURES_IN_FILE_MAX + 1);
  if ("fault" in read) return { faults: [faultOfFile(read)] };
  const [header, ...records] = read.records;
  if (!header || records.length === 0) return { faults: [{ row: 0, ...EMPTY }] };
  if (records.length > LECTURES_IN_FILE_MAX) return { faults: [{ row: 0, ...TOO_MANY }] };
  const { columns, faults } = readHeader(header);
  if (faults.length > 0) return { faults };
  const names = new Map(columns.map(({ column, name }) => [column, name]));
  const rows: LectureRow[] = [];
  for (const record of records) {
    const row = readRow(record, columns, timeZone);
    if ("faults" in row) faults.push(...row.faults);
    else rows.push(row);
  }
  return faults.length > 0 ? { faults } : { rows, columns: names };
}

interface Column {
  column: LectureColumn;
  /** as the file calls it */
  name: string;
  at: number;
}

function readHeader({ line, cells }: CsvRecord): { columns: Column[]; faults: ImportFault[] } {
  const columns: Column[] = [];
  const faults: ImportFault[] = [];
  for (const [at, cell] of cells.entries()) {
    const name = cell.trim().slice(0, 60);
    const column = columnNamed(name);
    // Spreadsheets write columns that are empty down to the last row.
    if (name === "") continue;
    if (column === undefined) faults.push({ row: line, field: name, ...UNKNOWN_COLUMN });
    else if (columns.some((other) => other.column === column))
      faults.push({ row: line, field: name, ...COLUMN_TWICE });
    else columns.push({ column, name, at });
  }
  for (const column of NEEDED)
    if (!columns.some((there) => there.column === column))
      faults.push({ row: line, field: LECTURE_COLUMNS[column].en[0], ...missingColumn(column) });
  return { columns, faults };
}

function readRow(
  { line, cells }: CsvRecord,
  columns: readonly Column[],
  timeZone: string,
): LectureRow | { faults: ImportFault[] } {
  const nameOf = (field: string) => columns.find(({ column }) => column === field)?.name ?? field;
  const fields: Partial<Record<LectureColumn, unknown>> = {};
  for (const { column, at } of columns) {
    const cell = cells[at] ?? "";
    if (cell.trim() !== "" || (cell !== "" && MARKDOWN.includes(column)))
      fields[column] = readCell(column, cell, timeZone);
  }
  const { id, cancelled = false, ...lecture } = fields;
  const faults: ImportFault[] = [];
  if (cells.some((cell, place) => cell.trim() !== "" && !columns.some(({ at }) => at === place)))
    faults.push({ row: line, ...MORE_CELLS });
  if (typeof cancelled !== "boolean")
    faults.push({ row: line, field: nameOf("cancelled"), ...YES_OR_NO });
  else if (cancelled && id === undefined)
    faults.push({ row: line, field: nameOf("cancelled"), ...BORN_CANCELLED });
  const parsed = NewLecture.safeParse(lecture);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map((issue) => faultOfIssue(line, issue, nameOf)));
    return { faults };
  }
  const { words, change } = divideLecture(parsed.data);
  const why = senselessTerm(termsOf(change));
  if (why !== undefined) faults.push({ row: line, ...SENSELESS });
  if (faults.length > 0) return { faults };
  return { row: line, id: id as string | undefined, words, change, cancelled: cancelled === true };
}

/** A cell's value as in a request. A text that is none stays, for the schema to refuse. */
function readCell(column: LectureColumn, cell: string, timeZone: string): unknown {
  const text = cell.trim();
  switch (column) {
    case "startsAt":
    case "endsAt":
    case "opensAt":
    case "closesAt":
    case "cancelUntil":
      return withCampusOffset(text, timeZone);
    case "capacity":
      return /^\d{1,15}$/.test(text) ? Number(text) : text;
    case "audience":
      return text.split(/[;；]/).flatMap((group) => (group.trim() === "" ? [] : [group.trim()]));
    case "published":
    case "cancelled":
      return YES.includes(text.toLowerCase())
        ? true
        : NO.includes(text.toLowerCase())
          ? false
          : text;
    default:
      return MARKDOWN.includes(column) ? cell : text;
  }
}

/** White space means something there. */
const MARKDOWN: readonly LectureColumn[] = ["bio", "description"];

const YES = ["yes", "true", "1", "是"];
const NO = ["no", "false", "0", "否"];

function termsOf(change: Change) {
  const { opensAtMs = 0, closesAtMs = 0, startsAtMs = 0, endsAtMs = 0, capacity = 0 } = change;
  const { cancelUntilMs = null, audience = [], published = false } = change;
  const times = { opensAtMs, closesAtMs, startsAtMs, endsAtMs, cancelUntilMs };
  return { version: 1, cancelled: false, published, ...times, capacity, audience };
}

function faultOfIssue(
  row: number,
  issue: z.core.$ZodIssue,
  nameOf: (field: string) => string,
): ImportFault {
  const { field, en, zh } = faultOfField(new z.ZodError([issue]));
  const name = nameOf(field);
  return { row, field: name, en: en.replace(field, name), zh: zh.replace(field, name) };
}

function faultOfFile(fault: CsvFault): ImportFault {
  if (fault.fault === "encoding")
    return {
      row: 0,
      en: "The file is neither UTF-8 nor GB18030 text.",
      zh: "文件既不是 UTF-8 也不是 GB18030 编码的文本。",
    };
  return {
    row: fault.line,
    en: "The quotes in this line or before do not match.",
    zh: "该行或之前的引号不匹配。",
  };
}

const EMPTY: Texts = { en: "The file has no lecture.", zh: "文件中没有讲座。" };
const TOO_MANY: Texts = {
  en: `The file has more than ${LECTURES_IN_FILE_MAX} lectures.`,
  zh: `文件中的讲座超过 ${LECTURES_IN_FILE_MAX} 场。`,
};
const UNKNOWN_COLUMN: Texts = { en: "No column is called so.", zh: "没有该名称的列。" };
const COLUMN_TWICE: Texts = { en: "This column is there twice.", zh: "该列重复。" };
const MORE_CELLS: Texts = {
  en: "The row has more cells than the header has columns.",
  zh: "该行的单元格多于表头的列。",
};
const YES_OR_NO: Texts = { en: "This must be yes or no.", zh: "须为“是”或“否”。" };
const BORN_CANCELLED: Texts = {
  en: "A new lecture is not cancelled.",
  zh: "新讲座不能是已取消的。",
};
const SENSELESS: Texts = {
  en: "A lecture opens before it closes and before it starts, and starts before it ends.",
  zh: "讲座须先开放预约再截止，开放预约须早于讲座开始，开始须早于结束。",
};

function missingColumn(column: (typeof NEEDED)[number]): Texts {
  const { en, zh } = LECTURE_COLUMNS[column];
  return { en: `A column ${en[0]} or ${zh[0]} is needed.`, zh: `缺少“${zh[0]}”列。` };
}
