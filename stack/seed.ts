import type { RowDataPacket } from "mysql2/promise";
import { insertLecture } from "../database/lectures.ts";
import { type Database, openDatabase } from "../database/pool.ts";
import type { StackEnvironment } from "./environment.ts";
import { SOLD_OUT_TITLE, seedLectures } from "./seed-lectures.ts";
import { StackError } from "./stack-error.ts";

const FILLED_WITHIN_MS = 30_000;
const POLL_MS = 200;

/**
 * Gives an empty catalogue its first lectures, and sells one of them out through the edge, as students would. Answers what it
 * did; does nothing where there is any lecture. Throws StackError when the seats are not booked within half a minute.
 */
export async function seed({ MYSQL_URL, EDGE_URL }: StackEnvironment, signal: AbortSignal): Promise<string> {
  const database = openDatabase({ url: MYSQL_URL, connections: 1, acquireTimeoutMs: 5_000 });
  try {
    if (!(await isEmpty(database))) return "already there";
    const lectures = seedLectures(new Date());
    for (const lecture of lectures) {
      const id = await insertLecture(database, lecture);
      if (lecture.title === SOLD_OUT_TITLE) await fill(EDGE_URL, id, lecture.capacity, signal);
    }
    return `${lectures.length} lectures`;
  } finally {
    await database.close();
  }
}

function isEmpty(database: Database): Promise<boolean> {
  return database.withConnection(async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>("SELECT 1 FROM lecture LIMIT 1");
    return rows.length === 0;
  });
}

async function fill(edgeUrl: string, lectureId: string, seats: number, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(FILLED_WITHIN_MS)]);
  const students = Array.from({ length: seats }, (_, index) => `demo${String(index + 1).padStart(4, "0")}`);
  await Promise.all(students.map((student) => book(edgeUrl, lectureId, student, deadline)));
}

/** Books a seat. A lecture that is not loaded yet, or a decision that is not there yet, is asked for again under the same key. */
async function book(
  edgeUrl: string,
  lectureId: string,
  student: string,
  deadline: AbortSignal,
): Promise<void> {
  const { token } = (await post(`${edgeUrl}/api/auth/demo`, {}, { studentNumber: student }, deadline)).body;
  const headers = {
    Authorization: `Bearer ${token}`,
    "Idempotency-Key": `seed-${student}`,
    Prefer: "wait=5",
  };
  while (true) {
    const { status, body } = await post(
      `${edgeUrl}/api/lectures/${lectureId}/reservations`,
      headers,
      {},
      deadline,
    );
    if (status === 201) return;
    if (deadline.aborted)
      throw new StackError(`the seed could not book a seat: ${status} ${body.code ?? body.status}`);
    await Bun.sleep(POLL_MS);
  }
}

interface Answer {
  status: number;
  body: { token?: string; code?: string; status?: string };
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: object,
  signal: AbortSignal,
): Promise<Answer> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal,
  });
  return { status: answer.status, body: (await answer.json()) as Answer["body"] };
}
