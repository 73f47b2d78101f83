import type { LectureId } from "../../../../contract/ids.ts";
import { redisKeys } from "../../../../contract/names.ts";
import { loadMissing } from "../../../../worker/load.ts";
import { type Lectures, makeLectures } from "../../lectures.ts";
import type { Bench } from "../bench.ts";
import type { Clients } from "../clients.ts";

/**
 * Empties MySQL and Redis and leaves the worker stopped. The sequence of lecture ids goes on, so no
 * id repeats.
 */
export async function startEmpty({
  system,
  clients: { database, catalogue, direct },
}: Pick<Bench, "system" | "clients">): Promise<void> {
  await system.stopWorker();
  await database.withConnection(async (connection) => {
    for (const table of ["reservation", "stock"]) await connection.query(`TRUNCATE TABLE ${table}`);
  });
  await catalogue.withConnection((connection) => connection.query("TRUNCATE TABLE lecture"));
  await direct.ask(["FLUSHALL"], ["SCRIPT", "FLUSH"]);
}

/** New lectures in an empty system, which Redis admits to, without a worker. */
export async function onlyLectures(bench: Bench, lectures: Lectures): Promise<LectureId[]> {
  await startEmpty(bench);
  const lectureIds = await makeLectures(bench.clients, lectures);
  await loadMissing(bench.clients);
  return lectureIds;
}

/**
 * Writes confirmed reservations of a lecture in bulk, as students would have left them, and takes
 * their seats. Only the state is made this way; nothing here is measured.
 */
export async function preloadReservations(
  { database }: Clients,
  lectureId: LectureId,
  count: number,
): Promise<void> {
  await database.withConnection(async (connection) => {
    await connection.query("SET unique_checks = 0");
    const insert = INSERT_MANY.replace("TO_COUNT", String(Number(count)));
    await connection.query(insert, [lectureId, lectureId, lectureId]);
    await connection.query("SET unique_checks = 1");
    const [taken] = await connection.query(TAKE_SEATS, [count, lectureId, count]);
    if ((taken as { affectedRows: number }).affectedRows !== 1)
      throw new Error(`lecture ${lectureId} has less than ${count} seats left`);
  });
}

/** The rids are as random as real ones, so the rows spread over the index alike. */
const INSERT_MANY = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
  SELECT ?, CONCAT(?, '-', MD5(CONCAT(?, '/', seq))), CONCAT('s-preloaded', LPAD(seq, 7, '0')), 'confirmed',
         UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
    FROM seq_1_to_TO_COUNT`;

const TAKE_SEATS =
  "UPDATE stock SET remaining = remaining - ? WHERE lecture_id = ? AND CAST(remaining AS SIGNED) >= ?";

/** Gives a loaded lecture more seats, in MySQL and in Redis. */
export async function addSeats(
  { database, catalogue, direct }: Clients,
  lectureId: LectureId,
  seats: number,
): Promise<void> {
  await database.withConnection((connection) =>
    connection.query(
      "UPDATE stock SET capacity = capacity + ?, target = target + ?, remaining = remaining + ? WHERE lecture_id = ?",
      [seats, seats, seats, lectureId],
    ),
  );
  await catalogue.withConnection((connection) =>
    connection.query("UPDATE lecture SET capacity = capacity + ? WHERE id = ?", [seats, lectureId]),
  );
  await direct.ask(["HINCRBY", redisKeys.lecture(lectureId), "capacity", String(seats)]);
}
