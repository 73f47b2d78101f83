import { afterAll, expect, test } from "bun:test";
import type { ReserveCommand } from "../contract/command.ts";
import { type LectureId, ridOf, type UserId } from "../contract/ids.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { insertLecture } from "../stack/insert-lecture.ts";
import { openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";
import { eventually, randomLectureId } from "../test/servers.ts";

const [telling, refusing] = [await openTestOrigin(), await openTestOrigin({ overlaps: "refuse" })];
afterAll(() => Promise.all([telling.close(), refusing.close()]));

const HOUR_MS = 3_600_000;
/** A time of this run alone: other tests' lectures are at other hours. */
const baseMs = Date.UTC(2100, 0, 1) + Math.floor(Math.random() * 20_000) * 24 * HOUR_MS;

/** A lecture from one hour to another, counted from the same moment. */
async function lectureAt(fromH: number, untilH: number, title = "Light"): Promise<LectureId> {
  const at = (hours: number) => new Date(baseMs + hours * HOUR_MS);
  return await insertLecture(telling.deps, {
    id: randomLectureId(),
    title,
    speaker: "Department of Physics",
    venue: "Hall 1",
    opensAt: new Date(0),
    closesAt: at(fromH),
    startsAt: at(fromH),
    endsAt: at(untilH),
    capacity: 5,
  });
}

const newUser = (): UserId => `u-${crypto.randomUUID()}`;

function commandOf(lectureId: LectureId, userId: UserId): ReserveCommand {
  const rid = ridOf(lectureId, userId, "key");
  return { kind: "reserve", rid, lectureId, userId, claimedAtMs: Date.now() };
}

async function decide(
  lectureId: LectureId,
  userId: UserId,
  status: "confirmed" | "rejected" | "cancelled" = "confirmed",
  reason: string | null = null,
): Promise<ReserveCommand> {
  const command = commandOf(lectureId, userId);
  await query(
    `INSERT INTO reservation (lecture_id, rid, user_id, status, reason, claimed_at, decided_at)
     VALUES (?, ?, ?, ?, ?, NOW(3), NOW(3))`,
    [lectureId, command.rid, userId, status, reason],
  );
  return command;
}

async function query(sql: string, values: unknown[]): Promise<void> {
  await telling.deps.database.withConnection((connection) => connection.query(sql, values));
}

/** The lectures that a reservation is told to overlap with. */
async function overlapsOf(
  { rid, userId }: ReserveCommand,
  origin: TestOrigin = telling,
): Promise<unknown> {
  return (await origin.ask(`/reservations/${rid}?user=${userId}`)).body["overlaps"];
}

async function overlapIds(command: ReserveCommand): Promise<LectureId[]> {
  const overlaps = (await overlapsOf(command)) as { lectureId: LectureId }[] | undefined;
  return (overlaps ?? []).map(({ lectureId }) => lectureId);
}

test("a seat at the same hours is told, with the other lecture's title and hours", async () => {
  const [user, other] = [newUser(), await lectureAt(10, 12, "Quanta")];
  await decide(other, user);
  const own = await decide(await lectureAt(11, 13), user);
  expect(await overlapsOf(own)).toEqual([
    {
      lectureId: other,
      title: "Quanta",
      startsAt: new Date(baseMs + 10 * HOUR_MS).toISOString(),
      endsAt: new Date(baseMs + 12 * HOUR_MS).toISOString(),
    },
  ]);
});

test("hours that touch do not overlap, hours inside or around do, soonest first", async () => {
  const user = newUser();
  const [before, inside, around, after] = [
    await lectureAt(98, 100),
    await lectureAt(101, 102),
    await lectureAt(99, 110),
    await lectureAt(104, 106),
  ];
  for (const lecture of [before, inside, around, after]) await decide(lecture, user);
  const own = await decide(await lectureAt(100, 104), user);
  expect(await overlapIds(own)).toEqual([around, inside]);
});

test("only confirmed seats of the same user count", async () => {
  const [user, other] = [newUser(), newUser()];
  for (const status of ["rejected", "cancelled"] as const)
    await decide(await lectureAt(200, 202), user, status);
  await decide(await lectureAt(200, 202), other);
  const own = await decide(await lectureAt(200, 202), user);
  expect(await overlapsOf(own)).toBeUndefined();
});

test("a postponed lecture counts at its new hours, and a cancelled one does not", async () => {
  const [user, moved, gone] = [newUser(), await lectureAt(300, 302), await lectureAt(300, 302)];
  await decide(moved, user);
  await decide(gone, user);
  const own = await decide(await lectureAt(301, 303), user);
  expect((await overlapIds(own)).sort()).toEqual([moved, gone].sort());
  await query("UPDATE stock SET cancelled = TRUE WHERE lecture_id = ?", [gone]);
  expect(await overlapIds(own)).toEqual([moved]);
  await query(
    `UPDATE stock SET starts_at = starts_at + INTERVAL 1 DAY, ends_at = ends_at + INTERVAL 1 DAY
      WHERE lecture_id = ?`,
    [moved],
  );
  expect(await overlapsOf(own)).toBeUndefined();
});

test("my reservations tell the overlaps of each seat, and of no other reservation", async () => {
  const user = newUser();
  const [one, two, alone] = [
    await lectureAt(400, 402),
    await lectureAt(401, 403),
    await lectureAt(410, 412),
  ];
  for (const lecture of [one, two, alone]) await decide(lecture, user);
  await decide(await lectureAt(400, 402), user, "rejected", "sold_out");
  const { body } = await telling.ask(`/users/${user}/reservations`);
  const reservations = body["reservations"] as {
    lectureId: LectureId;
    overlaps?: { lectureId: LectureId }[];
  }[];
  const told = Object.fromEntries(
    reservations.flatMap(({ lectureId, overlaps }) =>
      overlaps ? [[lectureId, overlaps.map((overlap) => overlap.lectureId)]] : [],
    ),
  );
  expect(told).toEqual({ [one]: [two], [two]: [one] });
});

test("a request that waits is told the overlaps with its decision", async () => {
  const [user, other] = [newUser(), await lectureAt(500, 502)];
  await decide(other, user);
  const own = commandOf(await lectureAt(501, 503), user);
  const waiting = telling.order(own, { waitMs: 10_000 });
  await eventually("its node is there", () => telling.deps.findPendingNode(own.rid));
  await decide(own.lectureId, user);
  await removePendingNodes(telling.zooKeeper, [own]);
  expect((await waiting).body).toMatchObject({
    reservation: { status: "confirmed", overlaps: [{ lectureId: other }] },
  });
});

test("under `tell` a command is queued as it came, and no overlap is read before", async () => {
  const [user, other] = [newUser(), await lectureAt(600, 602)];
  await decide(other, user);
  const command = commandOf(await lectureAt(600, 602), user);
  telling.wires.mySql.cut();
  expect((await telling.order(command)).body).toMatchObject({ queued: true });
  telling.wires.mySql.mend();
  expect(await telling.deps.findPendingNode(command.rid)).toEqual(command);
});

test("under `refuse` an overlap is queued as refused, and others as they came", async () => {
  const [user, other] = [newUser(), await lectureAt(700, 702)];
  await decide(other, user);
  const [refused, free] = [
    commandOf(await lectureAt(701, 703), user),
    commandOf(await lectureAt(702, 703), user),
  ];
  for (const command of [refused, free])
    expect((await refusing.order(command)).body).toMatchObject({
      queued: true,
      reservation: { status: "pending" },
    });
  expect(await refusing.deps.findPendingNode(refused.rid)).toEqual({
    ...refused,
    refused: "overlaps",
  });
  expect(await refusing.deps.findPendingNode(free.rid)).toEqual(free);
});

test("a rejection for overlaps names the other lecture", async () => {
  const [user, other] = [newUser(), await lectureAt(800, 802, "Quanta")];
  await decide(other, user);
  const refused = await decide(await lectureAt(801, 803), user, "rejected", "overlaps");
  const { body } = await refusing.ask(`/reservations/${refused.rid}?user=${user}`);
  expect(body).toMatchObject({
    status: "rejected",
    reason: "overlaps",
    overlaps: [{ lectureId: other, title: "Quanta" }],
  });
});

test("without MySQL a command goes on unrefused, within a second of its time", async () => {
  const [user, other] = [newUser(), await lectureAt(900, 902)];
  await decide(other, user);
  const command = commandOf(await lectureAt(900, 902), user);
  refusing.wires.mySql.stall();
  const answer = await refusing.order(command, { budgetMs: 2_000 });
  refusing.wires.mySql.mend();
  expect(answer.body).toMatchObject({ queued: true });
  expect(await refusing.deps.findPendingNode(command.rid)).toEqual(command);
  expect(refusing.logged.map(({ event }) => event)).toContain("overlaps_not_read");
});

test("without the catalogue the overlap is told without its title", async () => {
  const [user, other] = [newUser(), await lectureAt(1_000, 1_002)];
  await decide(other, user);
  const own = await decide(await lectureAt(1_000, 1_002), user);
  telling.wires.catalogue.cut();
  const told = await overlapsOf(own);
  telling.wires.catalogue.mend();
  expect(told).toEqual([expect.not.objectContaining({ title: expect.anything() })]);
  expect(told).toMatchObject([{ lectureId: other }]);
});
