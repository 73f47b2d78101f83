import { afterAll, expect, test } from "bun:test";
import { ridOf } from "../../contract/ids.ts";
import { pendingPaths, redisKeys } from "../../contract/names.ts";
import { createPendingNodes } from "../../pending/create.ts";
import { brokenOf, faults, firstOf, openTestAudits } from "./test-lecture.ts";

const { sources, plant, audit, close } = await openTestAudits();

afterAll(close);

test("a row without a claim breaks G7", async () => {
  const lecture = await plant();
  const { userId, rid } = firstOf(lecture);
  await sources.redis.hdel(redisKeys.claims(lecture.id), userId);
  expect(faults(await audit(lecture))).toEqual([
    `G7 ${rid} confirmed in MySQL, without a claim in Redis`,
  ]);
});

test("a claim without a row breaks G7", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "ghost", "key");
  const claim = `k:${lecture.opensAtMs}:${rid}`;
  await sources.redis.hset(redisKeys.claims(lecture.id), { ghost: claim });
  expect(faults(await audit(lecture))).toEqual([
    `G7 ${rid} confirmed in Redis, without a confirmed row in MySQL`,
  ]);
});

test("a claim under another rid than its row breaks G7, naming both", async () => {
  const lecture = await plant();
  const { userId, rid } = firstOf(lecture);
  const other = ridOf(lecture.id, userId, "other");
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
  const rid = ridOf(lecture.id, "waiting", "key");
  const claimedAtMs = Date.now() - 90_000;
  await sources.redis.hset(redisKeys.claims(lecture.id), { waiting: `h:${claimedAtMs}:${rid}` });
  await sources.redis.zadd(redisKeys.held(lecture.id), { score: claimedAtMs, member: "waiting" });
  const report = await audit(lecture);
  expect(brokenOf(report)).toEqual(["G6", "G7"]);
  expect(faults(report)[0]).toMatch(
    new RegExp(`^G6 ${rid} the claim is undecided after 9\\d\\.\\d s$`),
  );
  expect(report.rest).toMatchObject({ reached: false, motion: { held: 1 } });
  const patient = await audit(lecture, { limits: { undecidedMs: 600_000 } });
  expect(brokenOf(patient)).toEqual(["G7"]);
});

test("a held claim that the sweeper would not find breaks G7 on that count too", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "waiting", "key");
  await sources.redis.hset(redisKeys.claims(lecture.id), { waiting: `h:${Date.now()}:${rid}` });
  expect(faults(await audit(lecture)).map((fault) => fault.replace(/\d+\.\d s/, "… s"))).toEqual([
    `G7 ${rid} the claim is still held after … s, nothing decided in MySQL`,
    "G7 waiting a held claim that is not in the list the sweeper looks through",
  ]);
});

test("an entry left in the sweeper's list breaks G7", async () => {
  const lecture = await plant();
  await sources.redis.zadd(redisKeys.held(lecture.id), { score: Date.now(), member: "nobody" });
  expect(faults(await audit(lecture))).toEqual([
    "G7 nobody in the list of held claims without a held claim",
  ]);
});

test("a pending node without a decision breaks G6 and G7 once it is older than allowed, and not before", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "orphan", "key");
  const command = {
    kind: "reserve" as const,
    rid,
    lectureId: lecture.id,
    userId: "orphan",
    claimedAtMs: 1,
  };
  await createPendingNodes(sources.zooKeeper)(command);
  expect((await audit(lecture)).breaches).toBe(0);
  const report = await audit(lecture, { limits: { undecidedMs: -1_000, pendingMs: -1_000 } });
  expect(brokenOf(report)).toEqual(["G6", "G7"]);
  expect(
    report.lectures[0]?.verdicts.flatMap(({ breaches }) => breaches.map((breach) => breach.rid)),
  ).toEqual([rid, rid]);
});

test("a pending node that is no command breaks G6 and G7, naming its path", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "garbled", "key");
  const path = pendingPaths.node(rid, "reserve");
  for (const parent of [pendingPaths.root, pendingPaths.shardOf(rid)])
    await sources.zooKeeper.create(parent);
  await sources.zooKeeper.create(path, Buffer.from("{"));
  const report = await audit(lecture, { limits: { undecidedMs: -1_000, pendingMs: -1_000 } });
  expect(brokenOf(report)).toEqual(["G6", "G7"]);
  expect(faults(report).every((fault) => fault.includes(path))).toBeTrue();
});

test("a lecture that Redis is still loading breaks G7", async () => {
  const lecture = await plant();
  await sources.redis.hset(redisKeys.lecture(lecture.id), { ready: 0 });
  expect(faults(await audit(lecture))).toEqual(["G7 - Redis is not ready to admit to it"]);
});

test("a lecture that Redis has lost is not at rest and breaks G7", async () => {
  const lecture = await plant();
  const { lecture: settings, claims } = redisKeys;
  await sources.redis.del(settings(lecture.id), claims(lecture.id));
  const report = await audit(lecture);
  expect(brokenOf(report)).toEqual(["G7"]);
  expect(report.rest).toMatchObject({ reached: false, motion: { unloaded: 1 } });
});

test("a key of a wrong type breaks G7 instead of ending the audit", async () => {
  const lecture = await plant();
  const key = redisKeys.held(lecture.id);
  await sources.redis.set(key, "not a sorted set");
  expect(faults(await audit(lecture))).toEqual([`G7 - ${key} is of a wrong type`]);
});
