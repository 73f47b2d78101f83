import { afterAll, expect, test } from "bun:test";
import { type Channel, connect } from "amqplib";
import { type Rid, ridOf } from "../../contract/ids.ts";
import { queueNames } from "../../contract/names.ts";
import { declareTopology } from "../../queue/topology.ts";
import { addressOf, randomLectureId } from "../../test/servers.ts";
import { readBroker, readQueues } from "./read-rabbitmq.ts";
import { openTestAudits } from "./test-lecture.ts";

const { sources, plantRow, close } = await openTestAudits();
const model = await connect(addressOf("RABBITMQ_URL"));
const channel = await model.createConfirmChannel();
await declareTopology(channel, sources.rabbit);
const lectureId = randomLectureId();

afterAll(async () => {
  await model.close();
  await close();
});

/** Puts a dead letter of this test's lecture into the queue. Returns its rid. */
async function bury(userId: string): Promise<Rid> {
  const rid = ridOf(lectureId, userId, "key");
  const command = { kind: "reserve", rid, lectureId, userId, claimedAtMs: 1 };
  channel.sendToQueue(queueNames.dead, Buffer.from(JSON.stringify(command)));
  await channel.waitForConfirms();
  return rid;
}

/** Removes this test's dead letters and leaves all others. Returns the number removed. */
async function unbury(from: Channel): Promise<number> {
  let ours = 0;
  const others = [];
  for (;;) {
    const letter = await from.get(queueNames.dead);
    if (!letter) break;
    if (letter.content.toString().includes(lectureId)) {
      from.ack(letter);
      ours++;
    } else others.push(letter);
  }
  for (const letter of others) from.nack(letter, false, true);
  return ours;
}

test("dead letters are told with their decision, and are all still there after being read twice", async () => {
  const decided = await bury("decided");
  const undecided = await bury("undecided");
  await plantRow(lectureId, { userId: "decided", status: "cancelled", claimedAtMs: 1 });
  await readBroker(sources);
  const { dead } = await readBroker(sources);
  const ours = dead.filter((letter) => "rid" in letter && letter.lectureId === lectureId);
  expect(new Set(ours)).toEqual(
    new Set([
      { rid: decided, lectureId, userId: "decided", decided: true },
      { rid: undecided, lectureId, userId: "undecided", decided: false },
    ]),
  );
  expect(await unbury(channel)).toBe(2);
});

test("a dead letter that is no command is told as such", async () => {
  channel.sendToQueue(queueNames.dead, Buffer.from(`no command of ${lectureId}`));
  await channel.waitForConfirms();
  const { dead } = await readBroker(sources);
  expect(dead).toContainEqual({ unreadable: `no command of ${lectureId}` });
  expect(await unbury(channel)).toBe(1);
});

test("every partition is told with its depth, the dead letters' queue is not among them", async () => {
  const queues = await readQueues(sources.rabbit);
  expect(queues.map(({ name }) => name)).toEqual(
    Array.from({ length: sources.rabbit.partitions }, (_, index) => queueNames.partition(index)),
  );
});
