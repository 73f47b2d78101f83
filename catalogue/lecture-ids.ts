import type { ResultSetHeader } from "mysql2/promise";
import type { LectureId } from "../contract/ids.ts";
import type { Database } from "../database/pool.ts";

/** An UPDATE of the only row, so that two callers never get one id. */
const NEXT = "UPDATE lecture_sequence SET last = LAST_INSERT_ID(last + 1)";

/** An id that no lecture has had. An id that is not used is lost. */
export async function nextLectureId(catalogue: Database): Promise<LectureId> {
  const [taken] = await catalogue.withConnection((connection) =>
    connection.query<ResultSetHeader>(NEXT),
  );
  return String(taken.insertId);
}
