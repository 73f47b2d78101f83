import { type ListedStudents, STUDENTS_MAX } from "../../contract/on-behalf.ts";
import { StudentNumber } from "../../contract/student-number.ts";
import { readCsv } from "./read.ts";

/** How a column of student numbers may be called. */
const NAMES = [
  "student_number",
  "student number",
  "studentnumber",
  "student_id",
  "学号",
  "学生学号",
];

/**
 * The students of a file: the column that is called so, or the first column of a file without a
 * header. Their numbers are as typed. Rows without a number are left out.
 */
export function readStudents(bytes: Uint8Array): ListedStudents {
  const read = readCsv(bytes, STUDENTS_MAX + 1);
  if ("fault" in read) return read;
  const [first, ...rest] = read.records;
  if (!first) return { fault: "empty" };
  const named = first.cells.findIndex((cell) => NAMES.includes(nameOf(cell)));
  const isHeader = named >= 0;
  if (!isHeader && !looksLikeNumber(first.cells[0] ?? "")) return { fault: "column" };
  const students = (isHeader ? rest : read.records).flatMap(({ line, cells }) => {
    const studentNumber = (cells[isHeader ? named : 0] ?? "").trim().slice(0, 200);
    return studentNumber === "" ? [] : [{ line, studentNumber }];
  });
  if (students.length > STUDENTS_MAX) return { fault: "too_many" };
  return students.length === 0 ? { fault: "empty" } : { students };
}

/** A word of letters alone has the form of a student number, and is a header. */
function looksLikeNumber(cell: string): boolean {
  const number = StudentNumber.safeParse(cell.trim());
  return number.success && /[0-9]/.test(number.data);
}

function nameOf(cell: string): string {
  return cell.normalize("NFKC").trim().toLowerCase();
}
