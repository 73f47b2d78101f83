import * as z from "zod";
import type { UserId } from "./ids.ts";

/**
 * How the letters of student numbers are kept, the same at edge and origin: STUDENT_NUMBER_CASE.
 * `keep` is for a campus where `ab12` and `AB12` are two people.
 */
export const StudentNumberCase = z.enum(["upper", "lower", "keep"]);
export type StudentNumberCase = z.infer<typeof StudentNumberCase>;

/**
 * What one person is called by whatever spelling of the number: full-width letters and digits are
 * the same as narrow ones.
 */
export const DEFAULT_STUDENT_NUMBER_CASE: StudentNumberCase = "upper";

/**
 * A student number as somebody typed it: 4 to 20 letters or digits, once full-width ones are narrow
 * (NFKC). Letters of other alphabets are refused before their case is changed: some would turn into
 * ours.
 */
export const StudentNumber = z
  .string()
  .check(z.maxLength(200), z.normalize("NFKC"), z.regex(/^[0-9A-Za-z]{4,20}$/));

/**
 * A student's user id begins with this; ids that do not are no student numbers, and have one
 * spelling.
 */
const STUDENT_PREFIX = "s-";

/** The user id of a student, the same for every spelling of the number. */
export function userIdOfStudent(studentNumber: string, letters: StudentNumberCase): UserId {
  return STUDENT_PREFIX + inCase(studentNumber, letters);
}

/**
 * The user id that a session is for, whoever issued it: a student's in its one spelling, any other
 * as it is.
 */
export function normalUserId(userId: UserId, letters: StudentNumberCase): UserId {
  if (!userId.startsWith(STUDENT_PREFIX)) return userId;
  return userIdOfStudent(userId.slice(STUDENT_PREFIX.length), letters);
}

/** By the rules of no language: in Turkish an `i` has another capital. */
function inCase(text: string, letters: StudentNumberCase): string {
  switch (letters) {
    case "upper":
      return text.toUpperCase();
    case "lower":
      return text.toLowerCase();
    case "keep":
      return text;
    default:
      return letters satisfies never;
  }
}
