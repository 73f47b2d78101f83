import { afterAll, expect, test } from "bun:test";
import type { CancelCommand, ReserveCommand } from "../contract/command.ts";
import { ridOf } from "../contract/ids.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { insertLecture, type NewLecture } from "../stack/insert-lecture.ts";
import { openTestOrigin } from "../test/rooms/origin.ts";
import { randomLectureId } from "../test/servers.ts";

const origin = await openTestOrigin();
afterAll(() => origin.close());

const HOUR_MS = 3_600_000;
const startsAtMs = Date.now() + 2 * HOUR_MS;

/** A reserve command of a lecture that starts in two hours. */
async function commandOf(lecture: Partial<NewLecture> = {}): Promise<ReserveCommand> {
  const lectureId = await insertLecture(origin.deps, {
    id: randomLectureId(),
    title: "Light",
    speaker: "Department of Physics",
    venue: "Hall 1",
    opensAt: new Date(startsAtMs - 4 * HOUR_MS),
    closesAt: new Date(startsAtMs + HOUR_MS),
    startsAt: new Date(startsAtMs),
    endsAt: new Date(startsAtMs + 2 * HOUR_MS),
    capacity: 5,
    ...lecture,
  });
  const rid = ridOf(lectureId, "u1", "key");
  return { kind: "reserve", rid, lectureId, userId: "u1", claimedAtMs: Date.now() };
}

async function decide(
  { lectureId, rid, userId }: ReserveCommand,
  status: "confirmed" | "rejected" | "cancelled",
): Promise<void> {
  await query(
    `INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
     VALUES (?, ?, ?, ?, NOW(3), NOW(3))`,
    [lectureId, rid, userId, status],
  );
}

async function query(sql: string, values: unknown[]): Promise<void> {
  await origin.deps.database.withConnection((connection) => connection.query(sql, values));
}

function cancelOf(
  { rid, lectureId, userId }: ReserveCommand,
  requestedAtMs: number,
): CancelCommand {
  return { kind: "cancel", rid, lectureId, userId, requestedAtMs };
}

/** What a cancel is answered: the status of the reservation, or the refusal. */
async function cancelled(command: ReserveCommand, requestedAtMs: number): Promise<unknown> {
  const { body } = await origin.order(cancelOf(command, requestedAtMs));
  const { reservation } = body as { reservation?: { status: string } };
  return reservation?.status ?? body;
}

const tooLate = (untilMs: number) => ({
  code: "too_late",
  cancelUntil: new Date(untilMs).toISOString(),
});

test("a seat is given back until the start, and a millisecond later that is too late", async () => {
  const [inTime, late] = [await commandOf(), await commandOf()];
  await decide(inTime, "confirmed");
  await decide(late, "confirmed");
  expect(await cancelled(inTime, startsAtMs)).toBe("pending");
  const answer = await origin.order(cancelOf(late, startsAtMs + 1));
  expect([answer.status, answer.body]).toEqual([409, tooLate(startsAtMs)]);
  expect(await origin.deps.findPendingNode(late.rid)).toBeUndefined();
});

test("a lecture may end cancelling earlier or later than its start", async () => {
  for (const untilMs of [startsAtMs - HOUR_MS, startsAtMs + HOUR_MS]) {
    const command = await commandOf({ cancelUntil: new Date(untilMs) });
    await decide(command, "confirmed");
    expect(await cancelled(command, untilMs + 1)).toEqual(tooLate(untilMs));
    expect(await cancelled(command, untilMs)).toBe("pending");
  }
});

test("the present terms count: a postponed lecture can be cancelled again", async () => {
  const command = await commandOf();
  await decide(command, "confirmed");
  expect(await cancelled(command, startsAtMs + 1)).toEqual(tooLate(startsAtMs));
  await query(
    `UPDATE stock SET starts_at = starts_at + INTERVAL 1 DAY, ends_at = ends_at + INTERVAL 1 DAY
      WHERE lecture_id = ?`,
    [command.lectureId],
  );
  expect(await cancelled(command, startsAtMs + 1)).toBe("pending");
});

test("an undecided reservation follows the same rule", async () => {
  const [inTime, late] = [await commandOf(), await commandOf()];
  await origin.order(inTime);
  await origin.order(late);
  expect(await cancelled(inTime, startsAtMs)).toBe("pending");
  expect(await cancelled(late, startsAtMs + 1)).toEqual(tooLate(startsAtMs));
});

test("a cancel accepted in time is pending however late one asks, and carried out", async () => {
  const command = await commandOf();
  await decide(command, "confirmed");
  expect(await cancelled(command, startsAtMs)).toBe("pending");
  expect(await cancelled(command, startsAtMs + HOUR_MS)).toBe("pending");
  await query("UPDATE reservation SET status = 'cancelled' WHERE lecture_id = ?", [
    command.lectureId,
  ]);
  await removePendingNodes(origin.zooKeeper, [cancelOf(command, startsAtMs)]);
  expect(await cancelled(command, startsAtMs + HOUR_MS)).toBe("cancelled");
});

test("late or not, a rejected reservation is not cancellable, an unknown one missing", async () => {
  const [rejected, unknown] = [await commandOf(), await commandOf()];
  await decide(rejected, "rejected");
  expect(await cancelled(rejected, startsAtMs + 1)).toEqual({ code: "not_cancellable" });
  expect(await cancelled(unknown, startsAtMs + 1)).toEqual({ code: "reservation_not_found" });
  const foreign = await commandOf();
  await decide(foreign, "confirmed");
  expect(await cancelled({ ...foreign, userId: "u2" }, startsAtMs + 1)).toEqual({
    code: "reservation_not_found",
  });
});

test("nothing is too late for a cancelled lecture, or for one without sensible terms", async () => {
  const [ofCancelled, undecided, senseless] = [
    await commandOf(),
    await commandOf(),
    await commandOf(),
  ];
  await decide(ofCancelled, "cancelled");
  await origin.order(undecided);
  await decide(senseless, "confirmed");
  for (const { lectureId } of [ofCancelled, undecided])
    await query("UPDATE stock SET cancelled = TRUE WHERE lecture_id = ?", [lectureId]);
  await query("UPDATE stock SET ends_at = starts_at WHERE lecture_id = ?", [senseless.lectureId]);
  expect(await cancelled(ofCancelled, startsAtMs + 1)).toBe("cancelled");
  expect(await cancelled(undecided, startsAtMs + 1)).toBe("pending");
  expect(await cancelled(senseless, startsAtMs + 1)).toBe("pending");
});

test("a cancel asks MySQL once, and an accepted one not at all", async () => {
  const command = await commandOf();
  await decide(command, "confirmed");
  const { database } = origin.deps;
  let asked = 0;
  const counting: typeof database = {
    ...database,
    withConnection: (work, acquireTimeoutMs) => {
      asked += 1;
      return database.withConnection(work, acquireTimeoutMs);
    },
  };
  origin.deps.database = counting;
  await cancelled(command, startsAtMs);
  const first = asked;
  await cancelled(command, startsAtMs);
  origin.deps.database = database;
  expect([first, asked]).toEqual([1, 1]);
});

test("without MySQL an undecided reservation can be cancelled; another cancel is 503", async () => {
  const [undecided, decided] = [await commandOf(), await commandOf()];
  await origin.order(undecided);
  await decide(decided, "confirmed");
  origin.wires.mySql.stall();
  const ask = (command: ReserveCommand) =>
    origin.order(cancelOf(command, startsAtMs + 1), { budgetMs: 3_000 });
  const [accepted, refused] = [await ask(undecided), await ask(decided)];
  origin.wires.mySql.mend();
  expect(accepted).toMatchObject({
    status: 200,
    body: { queued: true, reservation: { id: undecided.rid, status: "pending" } },
  });
  expect(refused).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect(origin.logged.filter(({ event }) => event === "cancel_not_timed")).toHaveLength(1);
});
