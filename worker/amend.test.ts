import { afterAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { readAvailability } from "../admission/availability.ts";
import { findClaim } from "../admission/find-claim.ts";
import { openAdmission } from "../admission/opening.ts";
import { readStandingTerms } from "../admission/terms.ts";
import type { AmendCommand } from "../contract/command.ts";
import { type LectureId, ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { DatabaseError } from "../database/database-error.ts";
import { createPendingNodes } from "../pending/create.ts";
import { findPendingAmendment } from "../pending/read.ts";
import { faultyDatabase } from "../test/faulty-database.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { randomLectureId } from "../test/servers.ts";
import { decideAmendment, settleAmendment } from "./amend.ts";
import { handleBatch } from "./batch.ts";
import { handleDeadLetters, LOST_WORKERS_MAX } from "./dead-letters.ts";
import type { SweeperDeps } from "./deps.ts";
import { readClaimedLectures } from "./lecture-stock.ts";
import { loadMissing } from "./load.ts";
import { createPatience } from "./patience.ts";
import { sweepTerms } from "./sweep-terms.ts";

const room = await openWorkerRoom();
const { deps, database, redis, reserve, cancel, amend } = room;
await openAdmission(redis);

afterAll(() => room.close());

async function openLecture(capacity: number): Promise<LectureId> {
  const lectureId = await room.publishLecture(capacity);
  await loadMissing(deps);
  return lectureId;
}

/** A lecture with this many confirmed seats, of users u0, u1 … */
async function bookedLecture(capacity: number, confirmed: number) {
  const lectureId = await openLecture(capacity);
  const seats = [];
  for (let at = 0; at < confirmed; at += 1) seats.push(await reserve(lectureId, `u${at}`));
  if (seats.length > 0) await handleBatch(deps, deliveriesOf(seats));
  return { lectureId, seats };
}

async function select(sql: string, values: unknown[]): Promise<RowDataPacket[]> {
  const [rows] = await database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(sql, values),
  );
  return rows;
}

async function stockOf(lectureId: LectureId) {
  const sql = "SELECT capacity, target, remaining, version FROM stock WHERE lecture_id = ?";
  const [row] = await select(sql, [lectureId]);
  return row && ({ ...row } as Record<string, unknown>);
}

async function rowOf({ lectureId, rid }: AmendCommand) {
  const sql = "SELECT outcome, reason, version FROM amendment WHERE lecture_id = ? AND rid = ?";
  const [row] = await select(sql, [lectureId, rid]);
  return row && ({ ...row } as Record<string, unknown>);
}

async function confirmedOf(lectureId: LectureId): Promise<string[]> {
  const sql = `
    SELECT user_id AS userId FROM reservation
     WHERE lecture_id = ? AND status = 'confirmed' ORDER BY user_id`;
  return (await select(sql, [lectureId])).map(({ userId }) => String(userId));
}

async function press(lectureId: LectureId, userId: string) {
  const command = await reserve(lectureId, userId);
  const claim = await findClaim(redis, command);
  return claim?.rid === command.rid ? command : undefined;
}

async function decided(command: AmendCommand) {
  expect(await handleBatch(deps, deliveriesOf([command]))).toEqual(["ack"]);
  return await rowOf(command);
}

async function standing(lectureId: LectureId) {
  return (await readStandingTerms(redis, [lectureId]))[0];
}

const published: AmendCommand[] = [];
const sweeper: SweeperDeps = {
  ...deps,
  createPendingNode: createPendingNodes(room.zooKeeper),
  publisher: {
    publish: async (command) => {
      if (command.kind === "amend") published.push(command);
      return "queued";
    },
  },
};

async function sweepLecture(lectureId: LectureId): Promise<AmendCommand[]> {
  published.length = 0;
  const lectures = await readClaimedLectures(database);
  const own = lectures.filter((lecture) => lecture.lectureId === lectureId);
  await sweepTerms(sweeper, own, createPatience());
  return [...published];
}

test("once acknowledged, more seats are free in MySQL and Redis; the node is gone", async () => {
  const { lectureId } = await bookedLecture(2, 2);
  expect(await press(lectureId, "late")).toBeUndefined();
  const command = await amend(lectureId, { capacity: 5 });
  expect(await decided(command)).toEqual({ outcome: "applied", reason: null, version: 2 });
  expect(await stockOf(lectureId)).toEqual({ capacity: 5, target: 5, remaining: 3, version: 2 });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 5, remaining: 3 });
  expect(await standing(lectureId)).toMatchObject({ version: 2, isFenced: false });
  expect(await findPendingAmendment(room.zooKeeper, command.rid)).toBeUndefined();
});

test("a cut below the given seats keeps each of them, and sinks as they come back", async () => {
  const { lectureId, seats } = await bookedLecture(5, 3);
  const held = [await press(lectureId, "h1"), await press(lectureId, "h2")].flatMap(
    (command) => command ?? [],
  );
  expect(held).toHaveLength(2);
  expect(await decided(await amend(lectureId, { capacity: 2 }))).toMatchObject({ version: 2 });
  expect(await stockOf(lectureId)).toEqual({ capacity: 5, target: 2, remaining: 2, version: 2 });
  await handleBatch(deps, deliveriesOf(held));
  expect(await confirmedOf(lectureId)).toEqual(["h1", "h2", "u0", "u1", "u2"]);
  for (const seat of seats) {
    expect(await press(lectureId, "late")).toBeUndefined();
    await handleBatch(deps, deliveriesOf([await cancel(seat)]));
  }
  expect(await stockOf(lectureId)).toEqual({ capacity: 2, target: 2, remaining: 0, version: 2 });
  await handleBatch(deps, deliveriesOf([await cancel(held[0] as (typeof held)[number])]));
  expect(await stockOf(lectureId)).toEqual({ capacity: 2, target: 2, remaining: 1, version: 2 });
  await redis.del(redisKeys.throttle(lectureId, "late"));
  expect(await press(lectureId, "late")).toBeDefined();
});

test("a strict cut below the given seats is refused: no change, no fence", async () => {
  const { lectureId } = await bookedLecture(3, 2);
  const command = await amend(lectureId, { capacity: 1 }, { strict: true });
  expect(await decided(command)).toEqual({ outcome: "refused", reason: "seats_given", version: 1 });
  expect(await stockOf(lectureId)).toMatchObject({ capacity: 3, target: 3, version: 1 });
  expect(await standing(lectureId)).toMatchObject({ version: 1, isFenced: false });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 3, remaining: 1 });
});

test("a version that is gone is refused with the present one", async () => {
  const lectureId = await openLecture(3);
  await decided(await amend(lectureId, { capacity: 4 }, { ifVersion: 1 }));
  const late = await amend(lectureId, { capacity: 2 }, { ifVersion: 1 });
  expect(await decided(late)).toEqual({
    outcome: "refused",
    reason: "version_conflict",
    version: 2,
  });
  expect(await stockOf(lectureId)).toMatchObject({ capacity: 4, version: 2 });
});

test("a missing lecture cannot be amended, and terms without sense change nothing", async () => {
  const missing = await amend(randomLectureId(), { capacity: 4 });
  expect(await decided(missing)).toMatchObject({ outcome: "refused", reason: "lecture_not_found" });
  const lectureId = await openLecture(3);
  expect(await decided(await amend(lectureId, { closesAtMs: 1 }))).toMatchObject({
    reason: "invalid",
  });
  expect(await stockOf(lectureId)).toMatchObject({ version: 1 });
});

test("a lecture is made by its first amendment, and admits once it is published", async () => {
  const lectureId = randomLectureId();
  const nowMs = Date.now();
  const times = {
    opensAtMs: nowMs - 60_000,
    closesAtMs: nowMs + 3_600_000,
    startsAtMs: nowMs + 7_200_000,
    endsAtMs: nowMs + 9_000_000,
  };
  const created = await amend(lectureId, { create: true, ...times, capacity: 2, audience: [] });
  expect(await decided(created)).toMatchObject({ outcome: "applied", version: 1 });
  expect(
    await decided(await amend(lectureId, { create: true, ...times, capacity: 9 })),
  ).toMatchObject({
    reason: "invalid",
  });
  await loadMissing(deps);
  expect(await press(lectureId, "u1")).toBeUndefined();
  await decided(await amend(lectureId, { published: true }));
  await loadMissing(deps);
  expect(await press(lectureId, "u1")).toBeDefined();
  await decided(await amend(lectureId, { published: false }));
  expect(await press(lectureId, "u2")).toBeUndefined();
});

test("closing early lets nobody in, opening again does; postponing keeps every seat", async () => {
  const { lectureId } = await bookedLecture(9, 2);
  await decided(await amend(lectureId, { closesAtMs: Date.now() }));
  expect(await press(lectureId, "late")).toBeUndefined();
  expect(await readAvailability(redis, lectureId)).toMatchObject({ state: "closed" });
  const laterMs = Date.now() + 3_600_000;
  await decided(await amend(lectureId, { closesAtMs: laterMs }));
  expect(await press(lectureId, "late")).toBeDefined();
  await decided(await amend(lectureId, { startsAtMs: laterMs, endsAtMs: laterMs + 1 }));
  expect(await confirmedOf(lectureId)).toEqual(["u0", "u1"]);
});

test("cancelling a lecture ends each seat once, and releases claims page by page", async () => {
  const { lectureId, seats } = await bookedLecture(9, 3);
  const held = await press(lectureId, "held");
  const command = await amend(lectureId, { cancelled: true });
  expect(await decided(command)).toMatchObject({ outcome: "applied", version: 2 });
  const sql = "SELECT DISTINCT status, reason FROM reservation WHERE lecture_id = ?";
  expect((await select(sql, [lectureId])).map((row): unknown => ({ ...row }))).toEqual([
    { status: "cancelled", reason: "lecture_cancelled" },
  ]);
  expect(await stockOf(lectureId)).toMatchObject({ capacity: 9, remaining: 9 });
  for (const seat of seats) expect(await findClaim(redis, seat)).toBeUndefined();
  if (held) await handleBatch(deps, deliveriesOf([held, await cancel(seats[0] as typeof held)]));
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(0);
  expect(await confirmedOf(lectureId)).toEqual([]);
  expect(await decided(command)).toMatchObject({ version: 2 });
  expect(await stockOf(lectureId)).toMatchObject({ remaining: 9, version: 2 });
});

test("in a batch an amendment meets what stands before it, and what follows meets it", async () => {
  const { lectureId } = await bookedLecture(4, 1);
  const before = await reserve(lectureId, "before");
  const cut = await amend(lectureId, { capacity: 1 });
  const behind = await reserve(lectureId, "behind");
  const more = await amend(lectureId, { capacity: 6 });
  const verdicts = await handleBatch(deps, deliveriesOf([before, cut, behind, more]));
  expect(verdicts).toEqual(["ack", "ack", "ack", "ack"]);
  expect(await confirmedOf(lectureId)).toEqual(["before", "behind", "u0"]);
  expect(await stockOf(lectureId)).toEqual({ capacity: 6, target: 6, remaining: 3, version: 3 });
});

test("an amendment that comes again, also to two workers at once, is decided once", async () => {
  const { lectureId } = await bookedLecture(5, 1);
  const command = await amend(lectureId, { capacity: 3 });
  await Promise.all([1, 2, 3].map(() => handleBatch(deps, deliveriesOf([command]))));
  await decided(command);
  expect(await stockOf(lectureId)).toEqual({ capacity: 3, target: 3, remaining: 2, version: 2 });
  expect(await standing(lectureId)).toMatchObject({ version: 2, isFenced: false });
});

test("a failure after the fence leaves the stricter terms until the next delivery", async () => {
  const lectureId = await openLecture(5);
  const command = await amend(lectureId, { capacity: 1 });
  const away = new DatabaseError("ER_LOCK_DEADLOCK", 1213, "40001");
  const failing = faultyDatabase(database, (sql) =>
    /INSERT INTO amendment/.test(sql) ? away : undefined,
  );
  await expect(decideAmendment({ ...deps, database: failing }, command)).rejects.toThrow();
  expect(await standing(lectureId)).toMatchObject({ version: 1, fences: [command.rid] });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 1 });
  expect(await decided(command)).toMatchObject({ outcome: "applied" });
  expect(await standing(lectureId)).toMatchObject({ version: 2, isFenced: false });
});

test("a cut without Redis's claims takes no seat, and the sweeper sinks it later", async () => {
  const { lectureId } = await bookedLecture(5, 2);
  await redis.hset(redisKeys.lecture(lectureId), { ready: "0", load: "", mark: "" });
  await decided(await amend(lectureId, { capacity: 1 }));
  expect(await stockOf(lectureId)).toEqual({ capacity: 5, target: 1, remaining: 3, version: 2 });
  await loadMissing(deps);
  const [step] = await sweepLecture(lectureId);
  expect(step).toMatchObject({ change: {}, words: false });
  expect(await decided(step as AmendCommand)).toBeUndefined();
  expect(await stockOf(lectureId)).toEqual({ capacity: 2, target: 1, remaining: 0, version: 2 });
  expect(await sweepLecture(lectureId)).toEqual([]);
});

test("the sweeper ends a decided amendment's fence, and leaves an undecided one's", async () => {
  const lectureId = await openLecture(5);
  const done = await amend(lectureId, { capacity: 4 });
  await decided(done);
  const late = `,${done.rid},`;
  await redis.hset(redisKeys.lecture(lectureId), { fence: late, capacity: "1" });
  await sweepLecture(lectureId);
  expect(await standing(lectureId)).toMatchObject({ isFenced: false });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 4 });
  const undecided = ridOf(lectureId, "organiser", "undecided");
  await redis.hset(redisKeys.lecture(lectureId), { fence: `,${undecided},`, capacity: "1" });
  await sweepLecture(lectureId);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 1 });
  expect(await standing(lectureId)).toMatchObject({ fences: [undecided] });
});

test("the sweeper brings up Redis's terms that are older than MySQL's or unversioned", async () => {
  const lectureId = await openLecture(5);
  const { terms } = await decideAmendment(deps, await amend(lectureId, { capacity: 8 }));
  expect(terms).toMatchObject({ version: 2, capacity: 8 });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 5 });
  await sweepLecture(lectureId);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 8 });
  await redis.hdel(redisKeys.lecture(lectureId), "version");
  await redis.hset(redisKeys.lecture(lectureId), { capacity: "3" });
  await sweepLecture(lectureId);
  expect(await standing(lectureId)).toMatchObject({ version: 2 });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 8 });
});

test("an amendment that is given up is refused, leaves no fence, and stays refused", async () => {
  const lectureId = await openLecture(5);
  const command = await amend(lectureId, { capacity: 1 });
  await redis.hset(redisKeys.lecture(lectureId), { fence: `,${command.rid},`, capacity: "1" });
  const [delivery] = deliveriesOf([command]);
  const letter = { ...delivery, suspected: LOST_WORKERS_MAX } as NonNullable<typeof delivery>;
  expect(await handleDeadLetters(deps, [letter])).toEqual(["ack"]);
  expect(await rowOf(command)).toEqual({ outcome: "refused", reason: "undeliverable", version: 1 });
  expect(await standing(lectureId)).toMatchObject({ isFenced: false });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 5 });
  expect(await decided(command)).toMatchObject({ reason: "undeliverable" });
});

test("an amendment that the database refuses goes to the dead letters alone", async () => {
  const { lectureId } = await bookedLecture(5, 0);
  const before = await reserve(lectureId, "before");
  const tooLong = { rid: `${lectureId}-${"f".repeat(60)}` };
  const bad = await amend(lectureId, { capacity: 6 }, tooLong);
  const behind = await reserve(lectureId, "behind");
  expect(await handleBatch(deps, deliveriesOf([before, bad, behind]))).toEqual([
    "ack",
    "dead",
    "ack",
  ]);
  expect(await confirmedOf(lectureId)).toEqual(["before", "behind"]);
  expect(await stockOf(lectureId)).toMatchObject({ capacity: 5, version: 1 });
});

test("settling twice, and late, changes nothing", async () => {
  const lectureId = await openLecture(5);
  const first = await decideAmendment(deps, await amend(lectureId, { capacity: 8 }));
  await settleAmendment(deps, first);
  const second = await decideAmendment(deps, await amend(lectureId, { capacity: 7 }));
  await settleAmendment(deps, second);
  await settleAmendment(deps, first);
  expect(await standing(lectureId)).toMatchObject({ version: 3 });
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 7 });
});
