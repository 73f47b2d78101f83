import * as z from "zod";
import type { UserId } from "./ids.ts";
import { noCase } from "./no-case.ts";

/**
 * How the letters of student numbers are kept, the same at edge and origin: STUDENT_NUMBER_CASE.
 * `keep` is for a campus where `ab12` and `AB12` are two people.
 */
export const StudentNumberCase = z.enum(["upper", "lower", "keep"]);
export type StudentNumberCase = z.infer<typeof StudentNumberCase>;

/**
 * Capital letters give one person one user id for every spelling of the number. Full-width letters
 * and digits become narrow ones.
 */
export const DEFAULT_STUDENT_NUMBER_CASE: StudentNumberCase = "upper";

/**
 * A student number as typed: 4 to 20 letters or digits, after NFKC has made full-width ones narrow.
 * Letters of other alphabets are refused before their case changes: some would become Latin.
 */
export const StudentNumber = z
  .string()
  .check(z.maxLength(200), z.normalize("NFKC"), z.regex(/^[0-9A-Za-z]{4,20}$/));

/**
 * The start of a student's user id. Any other user id is no student number, and has one spelling.
 */
const STUDENT_PREFIX = "s-";

/** The user id of a student, the same for every spelling of the number. */
export function userIdOfStudent(studentNumber: string, letters: StudentNumberCase): UserId {
  return STUDENT_PREFIX + inCase(studentNumber, letters);
}

/** The student's number in a student's user id; undefined in any other. */
export function studentNumberOf(userId: UserId): string | undefined {
  return userId.startsWith(STUDENT_PREFIX) ? userId.slice(STUDENT_PREFIX.length) : undefined;
}

/**
 * The user id of a session from any issuer: a student's id in its one spelling, any other id as it
 * is.
 */
export function normalUserId(userId: UserId, letters: StudentNumberCase): UserId {
  const studentNumber = studentNumberOf(userId);
  return studentNumber === undefined ? userId : userIdOfStudent(studentNumber, letters);
}

/** Follows the rules of no language: in Turkish an `i` has another capital. */
function inCase(text: string, letters: StudentNumberCase): string {
  switch (letters) {
    case "upper":
      return text.toUpperCase();
    case "lower":
      return text.toLowerCase();
    case "keep":
      return text;
    default:
      return noCase(letters);
  }
}
