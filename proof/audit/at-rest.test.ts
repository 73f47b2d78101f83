import { afterAll, expect, test } from "bun:test";
import { ridOf } from "../../contract/ids.ts";
import { pendingPaths, redisKeys } from "../../contract/names.ts";
import { createPendingNodes } from "../../pending/create.ts";
import { brokenOf, faults, firstOf, openTestAudits } from "./test-lecture.ts";

const { sources, plant, plantClaim, list, audit, testFaults, close } = await openTestAudits();
const { redis, zooKeeper } = sources;

afterAll(close);

testFaults("a row without a claim breaks G7", async (lecture) => {
  const { userId, rid } = firstOf(lecture);
  await redis.hdel(redisKeys.claims(lecture.id), userId);
  return [`G7 ${rid} confirmed in MySQL, without a claim in Redis`];
});

testFaults("a claim without a row breaks G7", async (lecture) => {
  const rid = ridOf(lecture.id, "ghost", "key");
  await plantClaim(lecture, "ghost", `k:${lecture.opensAtMs}:${rid}`);
  return [`G7 ${rid} confirmed in Redis, without a confirmed row in MySQL`];
});

testFaults("a claim under another rid than its row breaks G7, naming both", async (lecture) => {
  const { userId, rid } = firstOf(lecture);
  const other = ridOf(lecture.id, userId, "other");
  await plantClaim(lecture, userId, `k:${lecture.opensAtMs}:${other}`);
  return [
    `G7 ${other} confirmed in Redis, where MySQL has ${rid}`,
    `G7 ${rid} confirmed in MySQL, where Redis has ${other}`,
  ];
});

test("a claim that is still held breaks G7, and G6 as well once it is older than allowed", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "waiting", "key");
  const claimedAtMs = Date.now() - 90_000;
  await plantClaim(lecture, "waiting", `h:${claimedAtMs}:${rid}`);
  await list(lecture, "waiting", claimedAtMs);
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
  await plantClaim(lecture, "waiting", `h:${Date.now()}:${rid}`);
  expect(faults(await audit(lecture)).map((fault) => fault.replace(/\d+\.\d s/, "… s"))).toEqual([
    `G7 ${rid} the claim is still held after … s, nothing decided in MySQL`,
    "G7 waiting a held claim that is not in the list the sweeper looks through",
  ]);
});

testFaults("an entry left in the sweeper's list breaks G7", async (lecture) => {
  await list(lecture, "nobody");
  return ["G7 nobody in the list of held claims without a held claim"];
});

test("a pending node without a decision breaks G6 and G7 once it is older than allowed, and not before", async () => {
  const lecture = await plant();
  const { id: lectureId } = lecture;
  const rid = ridOf(lectureId, "orphan", "key");
  const command = { kind: "reserve", rid, lectureId, userId: "orphan", claimedAtMs: 1 } as const;
  await createPendingNodes(zooKeeper)(command);
  expect((await audit(lecture)).breaches).toBe(0);
  const report = await audit(lecture, { limits: { undecidedMs: -1_000, pendingMs: -1_000 } });
  expect(brokenOf(report)).toEqual(["G6", "G7"]);
  const breaches = report.lectures[0]?.verdicts.flatMap((verdict) => verdict.breaches);
  expect(breaches?.map((breach) => breach.rid)).toEqual([rid, rid]);
});

test("a pending node that is no command breaks G6 and G7, naming its path", async () => {
  const lecture = await plant();
  const rid = ridOf(lecture.id, "garbled", "key");
  const path = pendingPaths.node(rid, "reserve");
  for (const parent of [pendingPaths.root, pendingPaths.shardOf(rid)])
    await zooKeeper.create(parent);
  await zooKeeper.create(path, Buffer.from("{"));
  const report = await audit(lecture, { limits: { undecidedMs: -1_000, pendingMs: -1_000 } });
  expect(brokenOf(report)).toEqual(["G6", "G7"]);
  expect(faults(report).every((fault) => fault.includes(path))).toBeTrue();
});

testFaults("a lecture that Redis is still loading breaks G7", async ({ id }) => {
  await redis.hset(redisKeys.lecture(id), { ready: 0 });
  return ["G7 - Redis is not ready to admit to it"];
});

test("a lecture that Redis has lost is not at rest and breaks G7", async () => {
  const lecture = await plant();
  await redis.del(redisKeys.lecture(lecture.id), redisKeys.claims(lecture.id));
  const report = await audit(lecture);
  expect(brokenOf(report)).toEqual(["G7"]);
  expect(report.rest).toMatchObject({ reached: false, motion: { unloaded: 1 } });
});

testFaults("a key of a wrong type breaks G7 instead of ending the audit", async ({ id }) => {
  const key = redisKeys.held(id);
  await redis.set(key, "not a sorted set");
  return [`G7 - ${key} is of a wrong type`];
});
