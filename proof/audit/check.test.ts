import { afterAll, expect, test } from "bun:test";
import { ridOf } from "../../contract/ids.ts";
import { cacheKeys, redisKeys } from "../../contract/names.ts";
import { NO_DEADLINE } from "../../origin/deadline.ts";
import { readLecture } from "../../origin/lectures.ts";
import type { AuditOptions } from "./check.ts";
import { brokenOf, faults, firstOf, openTestAudits, type TestRow } from "./test-lecture.ts";

const audits = await openTestAudits();
const { execute, inCatalogue, plant, plantRow, plantClaim, list, audit, remove } = audits;
const { testFaults, sources, close } = audits;
const { redis } = sources;

afterAll(close);

test("a lecture that all servers tell the same of is clean, with the figures of each server", async () => {
  const lecture = await plant({ seats: 5, taken: 3 });
  const report = await audit(lecture);
  expect(faults(report)).toEqual([]);
  expect(report).toMatchObject({ clean: true, breaches: 0, unknown: [], rest: { reached: true } });
  expect(report.lectures[0]?.figures).toEqual({
    mysql: { capacity: 5, remaining: 2, confirmed: 3, rejected: 1, cancelled: 1 },
    redis: { capacity: 5, remaining: 2, confirmed: 3, held: 0, released: 2 },
    zooKeeper: { pending: 0 },
  });
});

test("a lecture that no server knows is not called clean", async () => {
  const lecture = await plant();
  await remove(lecture.id);
  expect(await audit(lecture)).toMatchObject({ clean: false, breaches: 0, unknown: [lecture.id] });
});

test("a confirmed row too many is found by the seats and by its missing claim", async () => {
  const lecture = await plant({ seats: 3, taken: 3 });
  const { id, opensAtMs: claimedAtMs } = lecture;
  const rid = await plantRow(id, { userId: "extra", status: "confirmed", claimedAtMs });
  const report = await audit(lecture);
  expect(faults(report)).toEqual([
    "G1 - stock.remaining is 0, while 3 seats less 4 confirmed leave -1",
    `G1 ${rid} confirmed beyond the 3 seats`,
    `G7 ${rid} confirmed in MySQL, without a claim in Redis`,
  ]);
  expect(report.clean).toBeFalse();
});

testFaults("a stock that has drifted from the rows breaks G1", async ({ id }) => {
  await execute("UPDATE stock SET remaining = remaining - 1 WHERE lecture_id = ?", [id]);
  return ["G1 - stock.remaining is 1, while 5 seats less 3 confirmed leave 2"];
});

test("other seats in the catalogue than in the stock, or no stock at all, break G1", async () => {
  const lecture = await plant({ seats: 5, taken: 0 });
  await inCatalogue("UPDATE lecture SET capacity = 6 WHERE id = ?", [lecture.id]);
  expect(faults(await audit(lecture))).toEqual(["G1 - the catalogue says 6 seats, the stock 5"]);
  await execute("DELETE FROM stock WHERE lecture_id = ?", [lecture.id]);
  expect(faults(await audit(lecture))).toEqual([
    "G1 - the lecture is published and has no stock",
    "G7 - Redis admits to it, and MySQL has no stock of it",
  ]);
});

test("a cached lecture of another version, or with other words, breaks K1", async () => {
  const lecture = await plant();
  const { json } = await readLecture(
    { catalogue: sources.catalogue, tellLeftOut: () => {} },
    lecture.id,
    NO_DEADLINE,
  );
  const cache = (text: string) => redis.set(cacheKeys.lecture(lecture.id), text);
  await cache(`1 ${json}`);
  expect(faults(await audit(lecture))).toEqual([]);
  await cache(`7 ${json}`);
  expect(faults(await audit(lecture))).toEqual(["K1 - version 7 is cached, the catalogue has 1"]);
  await cache(`1 ${json.replace('"title":"', '"title":"not ')}`);
  expect(faults(await audit(lecture))).toEqual([
    "K1 - the cached version 1 has other words than the catalogue's",
  ]);
  await redis.del(cacheKeys.lecture(lecture.id));
});

testFaults(
  "a released rid that is confirmed breaks G4, and so does a claim that lives on under it",
  async (lecture) => {
    const { rid } = firstOf(lecture);
    await redis.hset(redisKeys.released(lecture.id), { [rid]: "rejected" });
    return [
      `G4 ${rid} confirmed in MySQL, its claim released as rejected`,
      `G4 ${rid} the claim is confirmed, though its rid was released`,
    ];
  },
);

testFaults("a rid released without a decision breaks G4", async ({ id }) => {
  const rid = ridOf(id, "nobody", "key");
  await redis.hset(redisKeys.released(id), { [rid]: "rejected" });
  return [`G4 ${rid} released as rejected without a decision`];
});

test("rows claimed before the opening or at the closing break G5, a cancel that came late does not", async () => {
  const lecture = await plant();
  const { opensAtMs, closesAtMs, id } = lecture;
  const rejected = { status: "rejected", reason: "sold_out" } as const;
  const early = await plantRow(id, { ...rejected, userId: "early", claimedAtMs: opensAtMs - 1 });
  const tardy = await plantRow(id, { ...rejected, userId: "tardy", claimedAtMs: closesAtMs });
  await plantRow(id, { userId: "left", status: "cancelled", claimedAtMs: closesAtMs });
  const report = await audit(lecture);
  expect(brokenOf(report)).toEqual(["G5"]);
  const breaches = report.lectures[0]?.verdicts.flatMap((verdict) => verdict.breaches);
  expect(breaches?.map(({ rid }) => rid).sort()).toEqual([early, tardy].sort());
});

test("a row claimed at the start breaks G5, however late booking would have closed", async () => {
  const lecture = await plant();
  const { id, closesAtMs } = lecture;
  const startsAtMs = closesAtMs - 60_000;
  await execute("UPDATE stock SET starts_at = ? WHERE lecture_id = ?", [new Date(startsAtMs), id]);
  const inSql = new Date(startsAtMs).toISOString().slice(0, -1);
  await inCatalogue("UPDATE lecture SET starts_at = ? WHERE id = ?", [inSql, id]);
  await redis.hset(redisKeys.lecture(id), { closesAtMs: String(startsAtMs) });
  const rejected = { status: "rejected", reason: "overlaps" } as const;
  await plantRow(id, { ...rejected, userId: "early", claimedAtMs: startsAtMs - 1 });
  const late = await plantRow(id, { ...rejected, userId: "tardy", claimedAtMs: startsAtMs });
  expect(faults(await audit(lecture))).toEqual([
    `G5 ${late} claimed ${new Date(startsAtMs).toISOString()}, outside the window`,
  ]);
});

testFaults("a claim of before the opening breaks G5", async (lecture) => {
  const { userId, rid } = firstOf(lecture);
  await plantClaim(lecture, userId, `k:${lecture.opensAtMs - 1}:${rid}`);
  const outside = new Date(lecture.opensAtMs - 1).toISOString();
  return [`G5 ${rid} holds a claim of ${outside}, outside the window`];
});

test("a row of no user and a rid of another lecture break G5", async () => {
  const lecture = await plant();
  const row = { status: "cancelled", claimedAtMs: lecture.opensAtMs } as const;
  await plantRow(lecture.id, { ...row, userId: "" });
  await plantRow(lecture.id, { ...row, userId: "stray", rid: ridOf("1", "stray", "key") });
  const told = faults(await audit(lecture)).map((fault) => fault.replace(/ \S+/, ""));
  expect(told.sort()).toEqual([
    "G5 a rid that no request for this lecture has",
    "G5 a row without a user",
  ]);
});

testFaults("other terms in the catalogue than in the stock break G7", async ({ id }) => {
  await execute("UPDATE stock SET version = 2 WHERE lecture_id = ?", [id]);
  return [
    "G7 - the catalogue shows version 1, the stock has 2",
    "T1 - the stock has version 2, its amendments lead to 1",
    "T1 - Redis has version 1, MySQL 2",
  ];
});

const NEW_YEAR = Date.parse("2050-01-01T00:00:00Z");
test.each([
  ["published = FALSE", "published false, the stock has true"],
  ["cancelled = TRUE", "cancelled true, the stock has false"],
  ["ends_at = '2050-01-01'", `endsAtMs ${NEW_YEAR}, the stock has [0-9]+`],
  ["cancel_until = '2050-01-01'", `cancelUntilMs ${NEW_YEAR}, the stock has null`],
  [`audience = '["staff"]'`, `audience \\["staff"\\], the stock has \\[\\]`],
])("a copy of the terms that differs in a single one breaks G7: %s", async (change, says) => {
  const lecture = await plant();
  await inCatalogue(`UPDATE lecture SET ${change} WHERE id = ?`, [lecture.id]);
  expect(faults(await audit(lecture))).toEqual([
    expect.stringMatching(new RegExp(`^G7 - the catalogue shows ${says}$`)),
  ]);
});

test("another window in Redis than in the catalogue breaks G5, other seats break G7", async () => {
  const lecture = await plant();
  const change = { opensAtMs: lecture.opensAtMs - 1, capacity: 6 };
  await redis.hset(redisKeys.lecture(lecture.id), change);
  expect(brokenOf(await audit(lecture))).toEqual(["G5", "G7"]);
});

test("a rejection without a reason and a confirmation with one break G3", async () => {
  const lecture = await plant();
  const { id, opensAtMs: claimedAtMs } = lecture;
  const { rid } = firstOf(lecture);
  const unexplained: TestRow = { userId: "silent", status: "rejected", claimedAtMs };
  const silent = await plantRow(id, unexplained);
  await execute("UPDATE reservation SET reason = 'sold_out' WHERE lecture_id = ? AND rid = ?", [
    id,
    rid,
  ]);
  expect(new Set(faults(await audit(lecture)))).toEqual(
    new Set([
      `G3 ${silent} rejected for no reason`,
      `G3 ${rid} confirmed, yet rejected for sold_out`,
    ]),
  );
});

testFaults("a decision that Redis tells otherwise breaks G3", async ({ id }) => {
  const rid = ridOf(id, "late", "key");
  await redis.hset(redisKeys.released(id), { [rid]: "cancelled" });
  return [`G3 ${rid} rejected in MySQL, cancelled in Redis`];
});

test("of many breaches the first are listed and all are counted", async () => {
  const lecture = await plant();
  const ghosts = Array.from({ length: 30 }, (_, at) => `ghost${at}`);
  for (const ghost of ghosts)
    await plantClaim(lecture, ghost, `k:${lecture.opensAtMs}:${ridOf(lecture.id, ghost, "key")}`);
  const report = await audit(lecture);
  const g7 = report.lectures[0]?.verdicts.find(({ guarantee }) => guarantee === "G7");
  expect(g7?.count).toBe(30);
  expect(g7?.breaches).toHaveLength(20);
});

test("the audit waits for a claim that is about to be settled", async () => {
  const lecture = await plant();
  const { claims, held } = redisKeys;
  const rid = ridOf(lecture.id, "waiting", "key");
  await plantClaim(lecture, "waiting", `h:${Date.now()}:${rid}`);
  await list(lecture, "waiting");
  let looks = 0;
  const onProgress: AuditOptions["onProgress"] = ({ step }) => {
    if (step !== "waiting" || ++looks !== 1) return;
    void redis.hdel(claims(lecture.id), "waiting");
    void redis.zrem(held(lecture.id), "waiting");
  };
  const report = await audit(lecture, { waitMs: 30_000, onProgress });
  expect(report.clean).toBeTrue();
  expect(looks).toBeGreaterThan(1);
});
