import { afterEach, beforeEach, expect, test } from "bun:test";
import type { ReserveCommand } from "../contract/command.ts";
import { findPending } from "../pending/read.ts";
import { setBrokerAlarm } from "../test/broker-alarm.ts";
import { drainPartitions, freshTopology } from "../test/rooms/broker.ts";
import { insertDecision } from "../test/rooms/decision.ts";
import {
  newCommand,
  openTestOrigin,
  type TestOrigin,
  type TestOriginOptions,
} from "../test/rooms/origin.ts";
import { eventually, openTestDatabase } from "../test/servers.ts";

let origin: TestOrigin;
const open = async (options: TestOriginOptions = {}) => {
  origin = await openTestOrigin(options);
  return origin;
};

beforeEach(freshTopology);
afterEach(() => origin.close());

async function confirm(command: ReserveCommand) {
  const database = openTestDatabase();
  await insertDecision(database, command, "confirmed");
  await database.close();
}

/** The rids of the commands that wait in the queues. */
const queuedRids = async () =>
  (await drainPartitions()).map(({ properties }) => properties.messageId);

test("without ZooKeeper commands are queued, soon unasked; nodes return with it", async () => {
  const { wires, order, breakers, zooKeeper } = await open();
  wires.zooKeeper.stall();
  for (let at = 0; at < 6; at += 1)
    expect((await order(await newCommand())).body).toMatchObject({ queued: true });
  expect(breakers()).toEqual(["zookeeper breaker_opened"]);

  wires.zooKeeper.mend();
  await eventually("a node is made", async () => {
    const command = await newCommand();
    await order(command);
    return findPending(zooKeeper, command.rid).catch(() => undefined);
  });
  expect(breakers()).toEqual(["zookeeper breaker_opened", "zookeeper breaker_closed"]);
});

test("a broker that withholds confirms is soon sent nothing, until it is back", async () => {
  const { wires, order, breakers, publisher } = await open();
  wires.rabbitMq.stall();
  const unsure = await Promise.all(
    Array.from({ length: 6 }, async () => order(await newCommand())),
  );
  expect(unsure.map(({ body }) => body["queued"])).toEqual(Array(6).fill(false));
  expect(breakers()).toEqual(["rabbitmq breaker_opened"]);
  const skipped = await newCommand();
  expect((await order(skipped)).body).toMatchObject({
    queued: false,
    reservation: { status: "pending" },
  });
  expect(publisher.isClosed()).toBe(false);

  wires.rabbitMq.mend();
  await eventually(
    "a command is queued",
    async () => (await order(await newCommand())).body["queued"] === true,
  );
  expect(await queuedRids()).not.toContain(skipped.rid);
});

test("without MySQL reads are 503 with Retry-After, commands are queued, reads heal", async () => {
  const { wires, ask, order, breakers } = await open();
  expect((await ask("/lectures")).status).toBe(200);
  const databases = [wires.mySql, wires.catalogue, wires.people];
  for (const wire of databases) wire.cut();
  await eventually("MySQL is asked no more", async () => {
    expect(await ask("/lectures")).toEqual({
      status: 503,
      body: { code: "unavailable" },
      retryAfter: expect.stringMatching(/^[1-3]$/),
    });
    return breakers().includes("mysql_catalogue breaker_opened");
  });
  expect((await order(await newCommand())).body).toMatchObject({ queued: true });
  for (const wire of databases) wire.mend();
  await eventually("lectures are read", async () => (await ask("/lectures")).status === 200);
});

test("without the catalogue alone, decisions and open lectures are read all the same", async () => {
  const { wires, ask, breakers } = await open();
  const command = await newCommand();
  await confirm(command);
  wires.catalogue.cut();
  await eventually("the catalogue is asked no more", async () => {
    expect((await ask("/lectures")).status).toBe(503);
    return breakers().includes("mysql_catalogue breaker_opened");
  });
  const { status, body } = await ask(`/reservations/${command.rid}?user=${command.userId}`);
  expect([status, body["status"]]).toEqual([200, "confirmed"]);
  expect((await ask("/open-lectures")).status).toBe(200);
  expect(breakers()).toEqual(["mysql_catalogue breaker_opened"]);
});

test("without the people's schema nobody signs in, and lectures are still read", async () => {
  const { wires, ask, breakers } = await open();
  wires.people.cut();
  await eventually("the people's schema is asked no more", async () => {
    const answer = await ask("/auth/demo", { body: { studentNumber: "20230001" } });
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
    return breakers().includes("mysql_people breaker_opened");
  });
  expect((await ask("/lectures")).status).toBe(200);
});

test("without the booking schema alone lectures are read all the same", async () => {
  const { wires, ask, breakers } = await open();
  wires.mySql.cut();
  await eventually("the booking schema is asked no more", async () => {
    expect((await ask("/open-lectures")).status).toBe(503);
    return breakers().includes("mysql_booking breaker_opened");
  });
  expect((await ask("/lectures")).status).toBe(200);
});

test("a full confirm window says that no new claims should be taken", async () => {
  const { wires, order } = await open({ window: 2 });
  wires.rabbitMq.stall();
  const answers = [];
  for (let at = 0; at < 3; at += 1) answers.push((await order(await newCommand())).body);
  expect(answers.map(({ closed }) => closed)).toEqual([undefined, true, true]);
});

test("a broker with an alarm closes intake, delays nobody, and is used again later", async () => {
  const { order, publisher, zooKeeper } = await open();
  await setBrokerAlarm(true);
  try {
    await eventually(
      "the broker says so",
      async () => (await order(await newCommand())).body["closed"] === true,
    );
    const command = await newCommand();
    expect((await order(command)).body).toMatchObject({ queued: false, closed: true });
    expect(await findPending(zooKeeper, command.rid)).toEqual(command);
  } finally {
    await setBrokerAlarm(false);
  }
  await eventually("it takes commands", async () => !publisher.isClosed());
  await eventually(
    "a command is queued",
    async () => (await order(await newCommand())).body["queued"] === true,
  );
});

test("a cancel that neither queue nor node holds is 503, as nothing would finish it", async () => {
  const { wires, order, zooKeeper } = await open();
  const command = await newCommand();
  const { rid, lectureId, userId } = command;
  await confirm(command);
  const cancel = { kind: "cancel" as const, rid, lectureId, userId, requestedAtMs: Date.now() };
  wires.zooKeeper.stall();
  wires.rabbitMq.stall();
  expect(await order(cancel)).toMatchObject({ status: 503, body: { code: "unavailable" } });

  wires.zooKeeper.mend();
  await eventually("ZooKeeper is back", async () => zooKeeper.connected());
  const noted = await eventually("it is noted", async () => {
    const answer = await order(cancel);
    return answer.status === 200 && answer;
  });
  expect(noted.body).toMatchObject({ queued: false, reservation: { id: rid, status: "pending" } });
});

test("what comes after its deadline leaves no node and no message", async () => {
  const { order, zooKeeper } = await open();
  const command = await newCommand();
  expect(await order(command, { budgetMs: 0 })).toEqual({
    status: 503,
    body: { code: "overloaded" },
    retryAfter: expect.stringMatching(/^[1-3]$/),
  });
  expect(await findPending(zooKeeper, command.rid)).toBeUndefined();
  expect(await queuedRids()).toEqual([]);
});

test("a deadline ends the waits for ZooKeeper and broker, and the message is sent", async () => {
  const { wires, order } = await open();
  wires.zooKeeper.stall();
  const command = await newCommand();
  expect((await order(command, { budgetMs: 100 })).body).toMatchObject({ queued: false });
  await eventually("the message is there", async () => (await queuedRids()).includes(command.rid));
});

test("a command without a place is turned away before any effect; later it is served", async () => {
  const { wires, order, zooKeeper, gates } = await open({ commands: { places: 1, burst: 1 } });
  wires.rabbitMq.stall();
  const [first, second, third] = [await newCommand(), await newCommand(), await newCommand()];
  const served = [order(first), order(second)];
  await eventually("one waits", async () => gates.commands.counts().waiting === 1);
  expect(await order(third)).toMatchObject({ status: 503, body: { code: "overloaded" } });
  await Promise.all(served);
  wires.rabbitMq.mend();
  expect(await findPending(zooKeeper, third.rid)).toBeUndefined();
  await eventually("it is served", async () => (await order(third)).body["queued"] === true);
  const rids = await queuedRids();
  expect(rids.filter((rid) => rid === third.rid)).toHaveLength(1);
});

test("waiting for a decision takes no place", async () => {
  const { order, gates, zooKeeper } = await open({ commands: { places: 1, burst: 0 } });
  const waiting = [];
  for (let at = 0; at < 3; at += 1) {
    const command = await newCommand();
    waiting.push(order(command, { waitMs: 3_000 }));
    await eventually("its node is there", () => findPending(zooKeeper, command.rid));
    await eventually("its place is free", async () => gates.commands.counts().atWork === 0);
  }
  expect((await order(await newCommand())).body).toMatchObject({ queued: true });
  for (const answer of await Promise.all(waiting))
    expect(answer.body).toMatchObject({ queued: true, reservation: { status: "pending" } });
});
