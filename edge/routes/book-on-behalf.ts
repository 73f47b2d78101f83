import { writeActor } from "../../contract/actor.ts";
import { CSV_TYPE } from "../../contract/csv-files.ts";
import { type IdempotencyKey, type LectureId, ridOf, type UserId } from "../../contract/ids.ts";
import {
  type BookedReport,
  type BookedRow,
  type FileFault,
  keyOnBehalf,
  type ListedStudent,
  ListedStudents,
  STUDENTS_MAX,
  StudentList,
} from "../../contract/on-behalf.ts";
import { type ProblemCode, problems } from "../../contract/problems.ts";
import { StudentNumber, userIdOfStudent } from "../../contract/student-number.ts";
import { answerJson, NOT_STORED, requestIdOf } from "../answer.ts";
import { keyOf, ownKey } from "../claim-intent.ts";
import type { EdgeContext } from "../context.ts";
import { readCsvBody } from "../csv-body.ts";
import type { EdgeDeps } from "../deps.ts";
import { readJsonBody } from "../json-body.ts";
import { type Booked, bookMany, type OnBehalf } from "../on-behalf.ts";
import { actorOf } from "../organiser.ts";
import { askFor, type OriginAnswer } from "../origin-answers.ts";
import { lectureIdOf } from "../path-ids.ts";
import { waitOf } from "../prefer.ts";
import { type Language, languageOf, problem, Refused } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

/**
 * POST /api/admin/lectures/:id/reservations: books for students, at most 1,000, by the rules for
 * students: `{"studentNumbers": [...]}`, or a CSV file with a column of student numbers. The answer
 * is a report, a row for each; 202 while a row is undecided. The same Idempotency-Key books nobody
 * twice.
 */
export function bookOnBehalf(deps: EdgeDeps) {
  return async (c: EdgeContext): Promise<Response> => {
    const lectureId = lectureIdOf(c);
    const key = keyOnBehalf(actorOf(c).userId, keyOf(c) ?? ownKey(requestIdOf(c)));
    const waitMs = waitOf(c);
    // The origin says whether the lecture is the organiser's before anything is claimed.
    const listed = await askForStudents(c, deps, lectureId);
    if (listed.outcome === "unknown") return answerUnavailable(c, "students", listed.error);
    if (listed.outcome === "refused") return problem(c, listed.code);
    if ("fault" in listed.value) throw new Refused("invalid_request", faultOf(listed.value));
    const rows = rowsOf(listed.value.students, deps);
    const students = studentsOf(rows, lectureId, key);
    const request = { lectureId, requestId: requestIdOf(c), waitMs };
    const booked = await bookMany(deps, students, request);
    if (waitMs > 0) c.set("waitedMs", waitMs);
    return answerReport(c, lectureId, rows, booked);
  };
}

function askForStudents(
  c: EdgeContext,
  { origin }: EdgeDeps,
  lectureId: LectureId,
): Promise<OriginAnswer<ListedStudents>> {
  const file = readCsvBody(c);
  const path = `/admin/lectures/${lectureId}/students?${writeActor(actorOf(c))}`;
  return askFor(ListedStudents, origin, {
    method: "POST",
    path,
    requestId: requestIdOf(c),
    ...(file ? { body: file, headers: { "Content-Type": CSV_TYPE } } : { body: readList(c) }),
  });
}

function readList(c: EdgeContext): StudentList {
  const list = StudentList.safeParse(readJsonBody(c));
  if (list.success) return list.data;
  throw new Refused("invalid_request", {
    detail: {
      en:
        `The body must be {"studentNumbers": ["…"]} with 1 to ${STUDENTS_MAX} numbers, ` +
        "or a CSV file (text/csv) with a column student_number.",
      zh:
        `请求体须为 {"studentNumbers": ["…"]}，含 1 至 ${STUDENTS_MAX} 个学号，` +
        "或为含“学号”列的 CSV 文件（text/csv）。",
    },
  });
}

function faultOf({ fault, line }: FileFault): { detail: Record<Language, string> } {
  return { detail: FAULTS[fault](line ?? 0) };
}

const FAULTS: Record<FileFault["fault"], (line: number) => Record<Language, string>> = {
  encoding: () => ({
    en: "The file is neither UTF-8 nor GB18030 text.",
    zh: "文件既不是 UTF-8 也不是 GB18030 编码的文本。",
  }),
  quotes: (line) => ({
    en: `The quotes at or before line ${line} do not match.`,
    zh: `第 ${line} 行或之前的引号不匹配。`,
  }),
  empty: () => ({ en: "The file names no student.", zh: "文件中没有学号。" }),
  column: () => ({
    en: "No column is called student_number or 学号.",
    zh: "没有名为“学号”或 student_number 的列。",
  }),
  too_many: () => ({
    en: `The file names more than ${STUDENTS_MAX} students.`,
    zh: `文件中的学号超过 ${STUDENTS_MAX} 个。`,
  }),
};

interface Row extends ListedStudent {
  /** undefined for a text that is no student number */
  userId: UserId | undefined;
  /** the first row of the same student, if that is another */
  sameAs: number | undefined;
}

/** The students of the rows, each once. */
function studentsOf(rows: readonly Row[], lectureId: LectureId, key: IdempotencyKey): OnBehalf[] {
  return rows.flatMap(({ userId, sameAs, groups }) =>
    userId === undefined || sameAs !== undefined
      ? []
      : [{ userId, rid: ridOf(lectureId, userId, key), groups: groups ?? [] }],
  );
}

function rowsOf(
  students: readonly ListedStudent[],
  { studentNumberCase }: Pick<EdgeDeps, "studentNumberCase">,
): Row[] {
  const first = new Map<UserId, number>();
  return students.map((student) => {
    const number = StudentNumber.safeParse(student.studentNumber).data;
    if (number === undefined) return { ...student, userId: undefined, sameAs: undefined };
    const userId = userIdOfStudent(number, studentNumberCase);
    const sameAs = first.get(userId);
    if (sameAs === undefined) first.set(userId, student.line);
    return { ...student, userId, sameAs };
  });
}

function answerReport(
  c: EdgeContext,
  lectureId: LectureId,
  students: readonly Row[],
  booked: ReadonlyMap<UserId, Booked>,
): Response {
  const language = languageOf(c);
  const rows = students.map((row) => reported(row, booked, language));
  const counts = { confirmed: 0, pending: 0, cancelled: 0, refused: 0, unknown: 0 };
  for (const { status } of rows) counts[status] += 1;
  const status = counts.pending + counts.unknown > 0 ? 202 : 200;
  return answerJson(c, status, { lectureId, counts, rows } satisfies BookedReport, {
    ...NOT_STORED,
    "Content-Language": language,
    Vary: "Accept-Language",
  });
}

function reported(
  { line, studentNumber, userId, sameAs, groups }: Row,
  booked: ReadonlyMap<UserId, Booked>,
  language: Language,
): BookedRow {
  const student = { row: line, studentNumber };
  if (userId === undefined) return { ...student, ...NO_NUMBER, message: NO_STUDENT[language] };
  const { status, rid, code } = booked.get(userId) ?? { status: "unknown" as const };
  return {
    ...student,
    status,
    ...(rid !== undefined && { reservationId: rid }),
    ...(code !== undefined && { code, message: reasonOf(code, groups)[language] }),
    ...(sameAs !== undefined && { sameAs }),
  };
}

function reasonOf(code: ProblemCode, groups: Row["groups"]): Record<Language, string> {
  return code === "not_eligible" && groups === null ? NEVER_SEEN : problems[code];
}

const NEVER_SEEN = {
  en:
    "This lecture is open to certain groups only, and this student has not signed in yet: " +
    "nobody has said which groups they are in.",
  zh: "该讲座仅面向特定群体开放，而该学生尚未登录过，无法得知其所属群体。",
};

const NO_NUMBER = { status: "refused", code: "invalid_request" } as const;

const NO_STUDENT = {
  en: "This is no student number: 4 to 20 letters or digits.",
  zh: "这不是有效的学号：应为 4 至 20 位字母或数字。",
};
