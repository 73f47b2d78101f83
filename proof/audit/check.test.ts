import { afterAll, expect, test } from "bun:test";
import { ridOf } from "../../contract/ids.ts";
import { cacheKeys, redisKeys } from "../../contract/names.ts";
import { NO_DEADLINE } from "../../origin/deadline.ts";
import { readLecture } from "../../origin/lectures.ts";
import type { AuditOptions } from "./check.ts";
import {
  brokenOf,
  execute,
  faults,
  firstOf,
  inCatalogue,
  openTestAudits,
  plantRow,
  removeLecture,
} from "./test-lecture.ts";

const { sources, plant, audit, close } = await openTestAudits();

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
  await removeLecture(sources, lecture.id);
  expect(await audit(lecture)).toMatchObject({ clean: false, breaches: 0, unknown: [lecture.id] });
});

test("a confirmed row too many is found by the seats and by its missing claim", async () => {
  const lecture = await plant({ seats: 3, taken: 3 });
  const { opensAtMs } = lecture;
  const rid = await plantRow(sources, lecture.id, {
    userId: "extra",
    status: "confirmed",
    claimedAtMs: opensAtMs,
  });
  const report = await audit(lecture);
  expect(faults(report)).toEqual([
    "G1 - stock.remaining is 0, while 3 seats less 4 confirmed leave -1",
    `G1 ${rid} confirmed beyond the 3 seats`,
    `G7 ${rid} confirmed in MySQL, without a claim in Redis`,
  ]);
  expect(report.clean).toBeFalse();
});

test("a stock that has drifted from the rows breaks G1", async () => {
  const lecture = await plant();
  await execute(sources, "UPDATE stock SET remaining = remaining - 1 WHERE lecture_id = ?", [
    lecture.id,
  ]);
  expect(faults(await audit(lecture))).toEqual([
    "G1 - stock.remaining is 1, while 5 seats less 3 confirmed leave 2",
  ]);
});

test("other seats in the catalogue than in the stock, or no stock at all, break G1", async () => {
  const lecture = await plant({ seats: 5, taken: 0 });
  await inCatalogue(sources, "UPDATE lecture SET capacity = 6 WHERE id = ?", [lecture.id]);
  expect(faults(await audit(lecture))).toEqual(["G1 - the catalogue says 6 seats, the stock 5"]);
  await execute(sources, "DELETE FROM stock WHERE lecture_id = ?", [lecture.id]);
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
  const cache = (text: string) => sources.redis.set(cacheKeys.lecture(lecture.id), text);
  await cache(`1 ${json}`);
  expect(faults(await audit(lecture))).toEqual([]);
  await cache(`7 ${json}`);
  expect(faults(await audit(lecture))).toEqual(["K1 - version 7 is cached, the catalogue has 1"]);
  await cache(`1 ${json.replace('"title":"', '"title":"not ')}`);
  expect(faults(await audit(lecture))).toEqual([
    "K1 - the cached version 1 has other words than the catalogue's",
  ]);
  await sources.redis.del(cacheKeys.lecture(lecture.id));
});

test("a released rid that is confirmed breaks G4, and so does a claim that lives on under it", async () => {
  const lecture = await plant();
  const { rid } = firstOf(lecture);
  await sources.redis.hset(redisKeys.released(lecture.id), { [rid]: "rejected" });
  expect(faults(await audit(lecture))).toEqual([
    `G4 ${rid} confirmed in MySQL, its claim released as rejected`,
    `G4 ${rid} the claim is confirmed, though its rid was released`,
  ]);
});

test("a rid released without a decision breaks G4", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "nobody", "key");
  await sources.redis.hset(redisKeys.released(lecture.id), { [rid]: "rejected" });
  expect(faults(await audit(lecture))).toEqual([
    `G4 ${rid} released as rejected without a decision`,
  ]);
});

test("rows claimed before the opening or at the closing break G5, a cancel that came late does not", async () => {
  const lecture = await plant();
  const { opensAtMs, closesAtMs, id } = lecture;
  const rows = [
    { userId: "early", status: "rejected", claimedAtMs: opensAtMs - 1 },
    { userId: "tardy", status: "rejected", claimedAtMs: closesAtMs },
    { userId: "left", status: "cancelled", claimedAtMs: closesAtMs },
  ] as const;
  const rids: string[] = [];
  for (const row of rows)
    rids.push(
      await plantRow(sources, id, row.status === "rejected" ? { ...row, reason: "sold_out" } : row),
    );
  const report = await audit(lecture);
  expect(brokenOf(report)).toEqual(["G5"]);
  const named = report.lectures[0]?.verdicts.flatMap(({ breaches }) =>
    breaches.map(({ rid }) => rid),
  );
  expect(named?.sort()).toEqual(rids.slice(0, 2).sort());
});

test("a claim of before the opening breaks G5", async () => {
  const lecture = await plant();
  const { userId, rid } = firstOf(lecture);
  const claim = `k:${lecture.opensAtMs - 1}:${rid}`;
  await sources.redis.hset(redisKeys.claims(lecture.id), { [userId]: claim });
  const outside = new Date(lecture.opensAtMs - 1).toISOString();
  expect(faults(await audit(lecture))).toEqual([
    `G5 ${rid} holds a claim of ${outside}, outside the window`,
  ]);
});

test("a row of no user and a rid of another lecture break G5", async () => {
  const lecture = await plant();
  const rid = ridOf("1", "stray", "key");
  const { opensAtMs: claimedAtMs, id } = lecture;
  await plantRow(sources, id, { userId: "", status: "cancelled", claimedAtMs });
  await plantRow(sources, id, { userId: "stray", rid, status: "cancelled", claimedAtMs });
  const report = await audit(lecture);
  expect(
    faults(report)
      .map((fault) => fault.replace(/ \S+/, ""))
      .sort(),
  ).toEqual(["G5 a rid that no request for this lecture has", "G5 a row without a user"]);
});

test("other terms in the catalogue than in the stock break G7", async () => {
  const lecture = await plant();
  await execute(sources, "UPDATE stock SET version = 2 WHERE lecture_id = ?", [lecture.id]);
  expect(faults(await audit(lecture))).toEqual([
    "G7 - the catalogue shows version 1, the stock has 2",
  ]);
});

test("another window in Redis than in the catalogue breaks G5, other seats break G7", async () => {
  const lecture = await plant();
  const change = { opensAtMs: lecture.opensAtMs - 1, capacity: 6 };
  await sources.redis.hset(redisKeys.lecture(lecture.id), change);
  expect(brokenOf(await audit(lecture))).toEqual(["G5", "G7"]);
});

test("a rejection without a reason and a confirmation with one break G3", async () => {
  const lecture = await plant();
  const { rid } = firstOf(lecture);
  const silent = await plantRow(sources, lecture.id, {
    userId: "silent",
    status: "rejected",
    claimedAtMs: lecture.opensAtMs,
  });
  await execute(
    sources,
    "UPDATE reservation SET reason = 'sold_out' WHERE lecture_id = ? AND rid = ?",
    [lecture.id, rid],
  );
  expect(faults(await audit(lecture)).sort()).toEqual(
    [
      `G3 ${silent} rejected for no reason`,
      `G3 ${rid} confirmed, yet rejected for sold_out`,
    ].sort(),
  );
});

test("a decision that Redis tells otherwise breaks G3", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "late", "key");
  await sources.redis.hset(redisKeys.released(lecture.id), { [rid]: "cancelled" });
  expect(faults(await audit(lecture))).toEqual([`G3 ${rid} rejected in MySQL, cancelled in Redis`]);
});

test("of many breaches the first are listed and all are counted", async () => {
  const lecture = await plant();
  const ghosts = Object.fromEntries(
    await Promise.all(
      Array.from({ length: 30 }, async (_, at) => [
        `ghost${at}`,
        `k:${lecture.opensAtMs}:${ridOf(lecture.id, `ghost${at}`, "key")}`,
      ]),
    ),
  );
  await sources.redis.hset(redisKeys.claims(lecture.id), ghosts);
  const report = await audit(lecture);
  const g7 = report.lectures[0]?.verdicts.find(({ guarantee }) => guarantee === "G7");
  expect(g7?.count).toBe(30);
  expect(g7?.breaches).toHaveLength(20);
});

test("the audit waits for a claim that is about to be settled", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "waiting", "key");
  const { claims, held } = redisKeys;
  await sources.redis.hset(claims(lecture.id), { waiting: `h:${Date.now()}:${rid}` });
  await sources.redis.zadd(held(lecture.id), { score: Date.now(), member: "waiting" });
  let looks = 0;
  const onProgress: AuditOptions["onProgress"] = ({ step }) => {
    if (step !== "waiting" || ++looks !== 1) return;
    void sources.redis.hdel(claims(lecture.id), "waiting");
    void sources.redis.zrem(held(lecture.id), "waiting");
  };
  const report = await audit(lecture, { waitMs: 30_000, onProgress });
  expect(report.clean).toBeTrue();
  expect(looks).toBeGreaterThan(1);
});
