import { afterAll, expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { pendingPaths, redisKeys } from "../contract/names.ts";
import { createPendingNodes } from "../pending/create.ts";
import { type AuditOptions, auditLectures } from "./check.ts";
import type { AuditReport } from "./report.ts";
import {
  execute,
  openTestSources,
  plantLecture,
  plantRow,
  removeLecture,
  type TestLecture,
} from "./test-lecture.ts";

const sources = await openTestSources();
const planted: string[] = [];

afterAll(async () => {
  for (const id of planted) await removeLecture(sources, id);
  await sources.close();
});

async function plant(size?: { seats: number; taken: number }): Promise<TestLecture> {
  const lecture = await plantLecture(sources, size);
  planted.push(lecture.id);
  return lecture;
}

async function audit({ id }: TestLecture, options: AuditOptions = {}): Promise<AuditReport> {
  return await auditLectures(sources, { lectureIds: [id], waitMs: 0, ...options });
}

/** Everything at fault, as `G1 rid what` (or the user, or nothing, where there is no rid). */
function faults(report: AuditReport): string[] {
  return report.lectures.flatMap(({ verdicts }) =>
    verdicts.flatMap(({ guarantee, breaches }) =>
      breaches.map(({ rid, userId, what }) => `${guarantee} ${rid ?? userId ?? "-"} ${what}`),
    ),
  );
}

function guaranteesOf(report: AuditReport): string[] {
  return [...new Set(faults(report).map((fault) => fault.slice(0, 2)))];
}

const firstOf = ({ confirmed: [first] }: TestLecture) => {
  if (!first) throw new Error("the planted lecture has no confirmed row");
  return first;
};

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
  await execute(sources, "UPDATE stock SET remaining = remaining - 1 WHERE lecture_id = ?", [lecture.id]);
  expect(faults(await audit(lecture))).toEqual([
    "G1 - stock.remaining is 1, while 5 seats less 3 confirmed leave 2",
  ]);
});

test("a row without a claim breaks G7", async () => {
  const lecture = await plant();
  const { userId, rid } = firstOf(lecture);
  await sources.redis.hdel(redisKeys.claims(lecture.id), userId);
  expect(faults(await audit(lecture))).toEqual([`G7 ${rid} confirmed in MySQL, without a claim in Redis`]);
});

test("a claim without a row breaks G7", async () => {
  const lecture = await plant();
  const rid = await ridOf(lecture.id, "ghost", "key");
  const claim = `k:${lecture.opensAtMs}:${rid}`;
  await sources.redis.hset(redisKeys.claims(lecture.id), { ghost: claim });
  expect(faults(await audit(lecture))).toEqual([
    `G7 ${rid} confirmed in Redis, without a confirmed row in MySQL`,
  ]);
});

test("a claim under another rid than its row breaks G7, naming both", async () => {
  const lecture = await plant();
  const { userId, rid } = firstOf(lecture);
  const other = await ridOf(lecture.id, userId, "other");
  const claim = `k:${lecture.opensAtMs}:${other}`;
  await sources.redis.hset(redisKeys.claims(lecture.id), { [userId]: claim });
  expect(faults(await audit(lecture)).sort()).toEqual(
    [
      `G7 ${other} confirmed in Redis, where MySQL has ${rid}`,
      `G7 ${rid} confirmed in MySQL, where Redis has ${other}`,
    ].sort(),
  );
});

test("a claim that is still held breaks G7, and G6 as well once it is older than allowed", async () => {
  const lecture = await plant();
  const rid = await ridOf(lecture.id, "waiting", "key");
  const claimedAtMs = Date.now() - 90_000;
  await sources.redis.hset(redisKeys.claims(lecture.id), { waiting: `h:${claimedAtMs}:${rid}` });
  await sources.redis.zadd(redisKeys.held(lecture.id), { score: claimedAtMs, member: "waiting" });
  const report = await audit(lecture);
  expect(guaranteesOf(report)).toEqual(["G6", "G7"]);
  expect(faults(report)[0]).toMatch(new RegExp(`^G6 ${rid} the claim is undecided after 9\\d\\.\\d s$`));
  expect(report.rest).toMatchObject({ reached: false, motion: { held: 1 } });
  const patient = await audit(lecture, { limits: { undecidedMs: 600_000 } });
  expect(guaranteesOf(patient)).toEqual(["G7"]);
});

test("an entry left in the sweeper's list breaks G7", async () => {
  const lecture = await plant();
  await sources.redis.zadd(redisKeys.held(lecture.id), { score: Date.now(), member: "nobody" });
  expect(faults(await audit(lecture))).toEqual(["G7 nobody in the list of held claims without a held claim"]);
});

test("a pending node without a decision breaks G6 and G7 once it is older than allowed, and not before", async () => {
  const lecture = await plant();
  const rid = await ridOf(lecture.id, "orphan", "key");
  const command = { kind: "reserve" as const, rid, lectureId: lecture.id, userId: "orphan", claimedAtMs: 1 };
  await createPendingNodes(sources.zooKeeper)(command);
  expect((await audit(lecture)).breaches).toBe(0);
  const report = await audit(lecture, { limits: { undecidedMs: -1_000, pendingMs: -1_000 } });
  expect(guaranteesOf(report)).toEqual(["G6", "G7"]);
  expect(
    report.lectures[0]?.verdicts.flatMap(({ breaches }) => breaches.map((breach) => breach.rid)),
  ).toEqual([rid, rid]);
});

test("a pending node that is no command breaks G6 and G7, naming its path", async () => {
  const lecture = await plant();
  const rid = await ridOf(lecture.id, "garbled", "key");
  const path = pendingPaths.node(rid, "reserve");
  for (const parent of [pendingPaths.root, pendingPaths.lecture(lecture.id), pendingPaths.shardOf(rid)])
    await sources.zooKeeper.create(parent);
  await sources.zooKeeper.create(path, Buffer.from("{"));
  const report = await audit(lecture, { limits: { undecidedMs: -1_000, pendingMs: -1_000 } });
  expect(guaranteesOf(report)).toEqual(["G6", "G7"]);
  expect(faults(report).every((fault) => fault.includes(path))).toBeTrue();
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
  const rid = await ridOf(lecture.id, "nobody", "key");
  await sources.redis.hset(redisKeys.released(lecture.id), { [rid]: "rejected" });
  expect(faults(await audit(lecture))).toEqual([`G4 ${rid} released as rejected without a decision`]);
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
    rids.push(await plantRow(sources, id, row.status === "rejected" ? { ...row, reason: "sold_out" } : row));
  const report = await audit(lecture);
  expect(guaranteesOf(report)).toEqual(["G5"]);
  const named = report.lectures[0]?.verdicts.flatMap(({ breaches }) => breaches.map(({ rid }) => rid));
  expect(named?.sort()).toEqual(rids.slice(0, 2).sort());
});

test("a row of no user and a rid of another lecture break G5", async () => {
  const lecture = await plant();
  const rid = await ridOf("1", "stray", "key");
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

test("another window in Redis than in the catalogue breaks G5, other seats break G7", async () => {
  const lecture = await plant();
  const change = { opensAtMs: lecture.opensAtMs - 1, capacity: 6 };
  await sources.redis.hset(redisKeys.lecture(lecture.id), change);
  expect(guaranteesOf(await audit(lecture))).toEqual(["G5", "G7"]);
});

test("a rejection without a reason and a confirmation with one break G3", async () => {
  const lecture = await plant();
  const { rid } = firstOf(lecture);
  const silent = await plantRow(sources, lecture.id, {
    userId: "silent",
    status: "rejected",
    claimedAtMs: lecture.opensAtMs,
  });
  await execute(sources, "UPDATE reservation SET reason = 'sold_out' WHERE lecture_id = ? AND rid = ?", [
    lecture.id,
    rid,
  ]);
  expect(faults(await audit(lecture)).sort()).toEqual(
    [`G3 ${silent} rejected for no reason`, `G3 ${rid} confirmed, yet rejected for sold_out`].sort(),
  );
});

test("a decision that Redis tells otherwise breaks G3", async () => {
  const lecture = await plant();
  const rid = await ridOf(lecture.id, "late", "key");
  await sources.redis.hset(redisKeys.released(lecture.id), { [rid]: "cancelled" });
  expect(faults(await audit(lecture))).toEqual([`G3 ${rid} rejected in MySQL, cancelled in Redis`]);
});

test("a lecture that Redis has lost is not at rest and breaks G7", async () => {
  const lecture = await plant();
  const { lecture: settings, claims } = redisKeys;
  await sources.redis.del(settings(lecture.id), claims(lecture.id));
  const report = await audit(lecture);
  expect(guaranteesOf(report)).toEqual(["G7"]);
  expect(report.rest).toMatchObject({ reached: false, motion: { unloaded: 1 } });
});

test("a key of a wrong type breaks G7 instead of ending the audit", async () => {
  const lecture = await plant();
  const key = redisKeys.held(lecture.id);
  await sources.redis.set(key, "not a sorted set");
  expect(faults(await audit(lecture))).toEqual([`G7 - ${key} is of a wrong type`]);
});

test("of many breaches the first are listed and all are counted", async () => {
  const lecture = await plant();
  const ghosts = Object.fromEntries(
    await Promise.all(
      Array.from({ length: 30 }, async (_, at) => [
        `ghost${at}`,
        `k:${lecture.opensAtMs}:${await ridOf(lecture.id, `ghost${at}`, "key")}`,
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
  const rid = await ridOf(lecture.id, "waiting", "key");
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
