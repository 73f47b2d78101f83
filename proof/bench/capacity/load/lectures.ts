import { findReady } from "../../../../admission/load.ts";
import { type LectureId, ridOf } from "../../../../contract/ids.ts";
import { redisKeys } from "../../../../contract/names.ts";
import { inParallel } from "../../../../pending/in-parallel.ts";
import { insertLecture } from "../../../../stack/insert-lecture.ts";
import type { Clients } from "../system/clients.ts";
import type { CapacitySystem } from "../system/system.ts";

const HOUR_MS = 3_600_000;
const LOADED_WITHIN_MS = 60_000;
const POLL_MS = 20;

/** Makes open lectures with this many seats each. Returns their ids; a worker loads them. */
export async function makeLectures(
  clients: Clients,
  { count, seats }: { count: number; seats: number },
): Promise<LectureId[]> {
  const ids: LectureId[] = [];
  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
  const times = { opensAt: at(-1), closesAt: at(24), startsAt: at(48), endsAt: at(50) };
  const lecture = { title: "capacity", speaker: "-", venue: "-", ...times, capacity: seats };
  await inParallel(Array.from({ length: count }), 8, async () => {
    ids.push(await insertLecture(clients, lecture));
  });
  return ids;
}

/** Waits until Redis admits to all of these. */
export async function untilLoaded({ redis }: Clients, lectureIds: LectureId[]): Promise<void> {
  const endsAtMs = performance.now() + LOADED_WITHIN_MS;
  while ((await findReady(redis, lectureIds)).size < lectureIds.length) {
    if (performance.now() > endsAtMs) throw new Error("the worker does not load the lectures");
    await Bun.sleep(POLL_MS);
  }
}

/**
 * Empties MySQL and Redis and leaves the worker stopped. The sequence of lecture ids goes on, so no
 * id repeats.
 */
export async function startEmpty(
  system: CapacitySystem,
  { database, catalogue, direct }: Clients,
): Promise<void> {
  await system.stopWorker();
  await database.withConnection(async (connection) => {
    for (const table of ["reservation", "stock"]) await connection.query(`TRUNCATE TABLE ${table}`);
  });
  await catalogue.withConnection((connection) => connection.query("TRUNCATE TABLE lecture"));
  await direct.ask(["FLUSHALL"], ["SCRIPT", "FLUSH"]);
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
    await connection.query(INSERT_MANY.replace("TO_COUNT", String(Number(count))), [
      lectureId,
      lectureId,
      lectureId,
    ]);
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

/** A new student's wish for one of the lectures, in turn. */
export function wishMaker(lectureIds: LectureId[]) {
  const crowd = Math.random().toString(36).slice(2, 8).toUpperCase();
  let made = 0;
  return () => {
    const lectureId = lectureIds[made % lectureIds.length] ?? "1";
    made += 1;
    const userId = `s-${crowd}${String(made).padStart(7, "0")}`;
    return { lectureId, userId, rid: ridOf(lectureId, userId, "press") };
  };
}
