import { type Context, Hono } from "hono";
import type { OrganisedLecture } from "../../catalogue/organised.ts";
import { type FileLanguage, isCsvType } from "../../contract/csv-files.ts";
import type { LectureId } from "../../contract/ids.ts";
import {
  readSeatQuery,
  type SeatFilter,
  type SeatQuery,
} from "../../contract/lecture-reservations.ts";
import { type ListedStudents, StudentList } from "../../contract/on-behalf.ts";
import { actorOf } from "../actor.ts";
import type { OriginEnv } from "../context.ts";
import { answerCsv, FILE_PAGE_WITHIN_MS } from "../csv/answer.ts";
import { seatHeader, seatWriter } from "../csv/reservations.ts";
import type { RecordPages } from "../csv/stream.ts";
import { readStudents } from "../csv/students.ts";
import { deadlineIn } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { readSeats, seatPages } from "../lecture-reservations.ts";
import { withGroups } from "../listed-students.ts";
import { ownLecture } from "../own-lecture.ts";
import { Refusal } from "../refusal.ts";

/** Reservations in one chunk of a file, some 100 KB. */
const FILE_PAGE = 1_000;

/**
 * The reservations of an actor's lecture, and whom to book for:
 * - `GET /admin/lectures/:id/reservations?ACTOR` (SeatQuery)
 * - `GET /admin/lectures/:id/reservations.csv?ACTOR` (SeatFilter, `language=zh`)
 * - `POST /admin/lectures/:id/students?ACTOR` (StudentList or a CSV file): the students in it
 */
export function lectureReservationRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;

  /** The lecture of the path. Throws Refusal unless the actor runs it. */
  async function lectureOf(c: Context<OriginEnv>): Promise<OrganisedLecture> {
    const [actor, id] = [actorOf(c), c.req.param("id") ?? ""];
    const { deadline } = c.var;
    return await reads.run(() => ownLecture(deps, actor, id, deadline), deadline);
  }

  return new Hono<OriginEnv>()
    .get("/admin/lectures/:id/reservations", async (c) => {
      const [{ id: lectureId }, query] = [await lectureOf(c), queryOf(c)];
      const { deadline } = c.var;
      return c.json(await reads.run(() => readSeats(deps, lectureId, query, deadline), deadline));
    })
    .get("/admin/lectures/:id/reservations.csv", async (c) => {
      const [{ id: lectureId }, filter] = [await lectureOf(c), queryOf(c)];
      const language = c.req.query("language") === "zh" ? "zh" : "en";
      return fileOf(deps, lectureId, filter, language);
    })
    .post("/admin/lectures/:id/students", async (c) => {
      const { audience } = (await lectureOf(c)).terms;
      const listed = await listOf(c);
      if ("fault" in listed || audience.length === 0) return c.json(listed);
      const students = await withGroups(deps, listed.students, c.var.deadline);
      return c.json({ students } satisfies ListedStudents);
    });
}

async function listOf(c: Context<OriginEnv>): Promise<ListedStudents> {
  if (isCsvType(c.req.header("content-type")))
    return readStudents(new Uint8Array(await c.req.arrayBuffer()));
  const list = StudentList.safeParse(await c.req.json());
  if (!list.success) throw new Refusal("invalid_request");
  const { studentNumbers } = list.data;
  return {
    students: studentNumbers.map((studentNumber, at) => ({ line: at + 1, studentNumber })),
  };
}

function queryOf(c: Context<OriginEnv>): SeatQuery {
  const query = readSeatQuery(c.req.query());
  if (!query) throw new Refusal("invalid_request");
  return query;
}

/** Each page takes a place at the gate, and none is held between two pages. */
function fileOf(
  deps: OriginDeps,
  lectureId: LectureId,
  filter: SeatFilter,
  language: FileLanguage,
): Promise<Response> {
  const write = seatWriter(deps.timeZone);
  const read = (query: SeatQuery) => {
    const deadline = deadlineIn(FILE_PAGE_WITHIN_MS);
    return deps.gates.reads.run(() => readSeats(deps, lectureId, query, deadline), deadline);
  };
  async function* records(): RecordPages {
    for await (const page of seatPages(read, filter, FILE_PAGE)) yield page.map(write);
  }
  return answerCsv(deps, seatHeader(language), records());
}
