import { afterAll, expect, test } from "bun:test";
import type { ReserveCommand } from "../contract/command.ts";
import { ridOf } from "../contract/ids.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import type { OriginPage } from "../contract/reservation-page.ts";
import { createPendingNodes } from "../pending/create.ts";
import { insertLecture } from "../stack/insert-lecture.ts";
import { insertDecision } from "../test/rooms/decision.ts";
import { openTestOrigin } from "../test/rooms/origin.ts";
import { openTestDatabase, randomLectureId } from "../test/servers.ts";

const origin = await openTestOrigin();
const database = openTestDatabase();
afterAll(async () => {
  await origin.close();
  await database.close();
});

const START_MS = Date.UTC(2027, 0, 1);

/** A user whose reservations no other test writes. */
function newUser() {
  const userId = `u-${crypto.randomUUID()}`;

  function claim(atMs: number): ReserveCommand {
    const lectureId = randomLectureId();
    const claimedAtMs = START_MS + atMs;
    return {
      kind: "reserve",
      lectureId,
      rid: ridOf(lectureId, userId, "key"),
      userId,
      claimedAtMs,
    };
  }

  async function decide(
    command: ReserveCommand,
    status: DecisionStatus = "confirmed",
  ): Promise<string> {
    await insertDecision(database, command, status, new Date(command.claimedAtMs));
    return command.rid;
  }

  async function page(limit: number, after?: string, held: ReserveCommand[] = []) {
    const places = held.map(({ claimedAtMs, rid }) => `${claimedAtMs}.${rid}`).join(",");
    const query = `limit=${limit}${after ? `&after=${after}` : ""}${places && `&held=${places}`}`;
    const { status, body } = await origin.ask(`/users/${userId}/reservations?${query}`);
    expect(status).toBe(200);
    return body as OriginPage;
  }

  /** Reads all reservations, page by page; `between` runs after each. */
  async function walk(limit: number, held: ReserveCommand[] = [], between = async () => {}) {
    const seen: string[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < 1_000; pages += 1) {
      const { reservations, more } = await page(limit, after, held);
      expect(reservations.length).toBeLessThanOrEqual(limit);
      seen.push(...reservations.map(({ id }) => id));
      if (more === undefined) return seen;
      after = more;
      await between();
    }
    throw new Error("the pages never end");
  }

  return { userId, claim, decide, page, walk };
}

test("pages of any size hold all 450 reservations, each once, newest claim first", async () => {
  const user = newUser();
  // 40 claims share each moment: the pages must not lose or repeat any of them.
  const commands = Array.from({ length: 450 }, (_, at) => user.claim(Math.floor(at / 40) * 1_000));
  const rows = commands.map(({ lectureId, rid, claimedAtMs }) => [
    lectureId,
    rid,
    user.userId,
    "rejected",
    new Date(claimedAtMs),
    new Date(),
  ]);
  const insert =
    "INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at) VALUES ?";
  await database.withConnection((connection) => connection.query(insert, [rows]));
  const newest = commands
    .toSorted((a, b) => b.claimedAtMs - a.claimedAtMs || Number(b.lectureId) - Number(a.lectureId))
    .map(({ rid }) => rid);
  for (const limit of [200, 37, 7]) expect(await user.walk(limit)).toEqual(newest);
});

test("a booking or a cancel while the pages are read changes no other reservation", async () => {
  const user = newUser();
  const commands = Array.from({ length: 9 }, (_, at) => user.claim(at));
  const rids: string[] = [];
  for (const command of commands) rids.unshift(await user.decide(command));
  let later = 100;
  const seen = await user.walk(2, [], async () => {
    await user.decide(user.claim(later++));
    // The oldest reservation, which is yet to come, is cancelled, with a new time of decision.
    const cancel =
      "UPDATE reservation SET status = 'cancelled', decided_at = ? WHERE user_id = ? AND rid = ?";
    await database.withConnection((connection) =>
      connection.execute(cancel, [new Date(), user.userId, rids.at(-1) ?? ""]),
    );
  });
  expect(seen).toEqual(rids);
});

test("held claims stand among the decided ones as pending until they are decided", async () => {
  const user = newUser();
  const [oldest, older, newer, newest] = [0, 1, 2, 3].map(user.claim) as [
    ReserveCommand,
    ReserveCommand,
    ReserveCommand,
    ReserveCommand,
  ];
  await user.decide(older);
  await user.decide(newest, "rejected");
  const held = [newer, oldest];
  expect(
    (await user.page(50, undefined, held)).reservations.map(({ id, status }) => [id, status]),
  ).toEqual([
    [newest.rid, "rejected"],
    [newer.rid, "pending"],
    [older.rid, "confirmed"],
    [oldest.rid, "pending"],
  ]);
  for (const limit of [1, 2, 3])
    expect(await user.walk(limit, held)).toEqual(
      [newest, newer, older, oldest].map(({ rid }) => rid),
    );
  await user.decide(newer);
  expect((await user.page(2, undefined, held)).reservations).toMatchObject([
    { id: newest.rid },
    { id: newer.rid, status: "confirmed" },
  ]);
});

test("a seat that is being given back is pending", async () => {
  const user = newUser();
  const command = user.claim(0);
  await user.decide(command);
  const { rid, lectureId, userId } = command;
  const cancel = { kind: "cancel" as const, rid, lectureId, userId, requestedAtMs: Date.now() };
  await createPendingNodes(origin.zooKeeper)(cancel);
  expect((await user.page(50)).reservations).toEqual([{ id: rid, lectureId, status: "pending" }]);
});

test.each([
  "limit=0",
  "limit=201",
  "limit=x",
  "after=1",
  `after=1.7-${"0".repeat(31)}`,
  "held=",
  "held=1,2",
])("a page of %s is refused", async (query) => {
  expect((await origin.ask(`/users/s-1/reservations?${query}`)).status).toBe(422);
});

test("a claim may be undecided from a lecture's opening to a day after its closing", async () => {
  const dayMs = 86_400_000;
  const insert = (opensInMs: number, closesInMs: number) =>
    insertLecture(
      { database, catalogue: origin.deps.catalogue },
      {
        title: "Light",
        speaker: "P",
        venue: "H",
        startsAt: new Date(Date.now() + 40 * dayMs),
        endsAt: new Date(Date.now() + 41 * dayMs),
        opensAt: new Date(Date.now() + opensInMs),
        closesAt: new Date(Date.now() + closesInMs),
        capacity: 4,
      },
    );
  const [open, justClosed, toCome, longClosed] = await Promise.all([
    insert(-dayMs, -dayMs / 2 + dayMs),
    insert(-2 * dayMs, -dayMs / 2),
    insert(dayMs, 2 * dayMs),
    insert(-3 * dayMs, -2 * dayMs),
  ]);
  const { body } = await origin.ask("/open-lectures");
  const ids = body["lectureIds"] as string[];
  // Open lectures of other tests may exceed the limit; those that close first come first.
  expect(ids).toContain(justClosed);
  if (body["complete"]) expect(ids).toContain(open);
  for (const id of [toCome, longClosed]) expect(ids).not.toContain(id);
});
