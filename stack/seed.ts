import type { RowDataPacket } from "mysql2/promise";
import type { Database } from "../database/pool.ts";
import type { StackEnvironment } from "./environment.ts";
import { PROOF_TITLE } from "./first-booking/lecture.ts";
import { visitor } from "./first-booking/visitor.ts";
import { openLectureDatabases } from "./insert-lecture.ts";
import { openMaker } from "./make-lecture.ts";
import { SOLD_OUT_TITLE, seedLectures } from "./seed-lectures.ts";

/** Who holds the first lectures. */
const HOST = { id: "campus", name: "校园 Campus" };

/**
 * Gives an empty catalogue its first lectures, and sells one of them out: both through the edge, as
 * organisers and students would. Does nothing where there is any lecture. Gives a note for the
 * operator. Rejects with NotAnswered when a lecture is not made or a seat is not booked.
 */
export async function seed(environment: StackEnvironment, signal: AbortSignal): Promise<string> {
  const databases = openLectureDatabases(environment, 1);
  try {
    if (!(await isEmpty(databases.catalogue))) return "already there";
    const lectures = seedLectures(new Date());
    const maker = await openMaker(environment, HOST, signal);
    for (const lecture of lectures) {
      const id = await maker.make(lecture);
      if (lecture.title === SOLD_OUT_TITLE) await fill(environment, id, lecture.capacity, signal);
    }
    return `${lectures.length} lectures`;
  } finally {
    await databases.close();
  }
}

function isEmpty(catalogue: Database): Promise<boolean> {
  return catalogue.withConnection(async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT 1 FROM lecture WHERE title <> ? AND version > 0 LIMIT 1",
      [PROOF_TITLE],
    );
    return rows.length === 0;
  });
}

async function fill(
  environment: StackEnvironment,
  lectureId: string,
  seats: number,
  signal: AbortSignal,
): Promise<void> {
  const users = Array.from(
    { length: seats },
    (_, index) => `s-demo${String(index + 1).padStart(4, "0")}`,
  );
  await Promise.all(
    users.map(async (user) => (await visitor(environment, user, signal)).book(lectureId)),
  );
}
