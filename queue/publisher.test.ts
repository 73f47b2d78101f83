import { afterEach, beforeEach, expect, test } from "bun:test";
import { queueNames } from "../contract/names.ts";
import { setBrokerAlarm } from "../test/broker-alarm.ts";
import {
  drain,
  drainPartitions,
  freshTopology,
  onChannel,
  PARTITIONS,
  rabbitmqUrl,
  reserveOf,
} from "../test/rooms/broker.ts";
import { openWire, type Wire } from "../test/rooms/wire.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import { openPublisher, type Publisher, type PublisherOptions } from "./publisher.ts";

const opened: (Publisher | Wire)[] = [];

beforeEach(freshTopology);
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function open(options: Partial<PublisherOptions> = {}): Publisher {
  const defaults = {
    url: rabbitmqUrl(),
    partitions: PARTITIONS,
    maxInFlight: 1_000,
    confirmTimeoutMs: 5_000,
  };
  const publisher = openPublisher({ ...defaults, ...options });
  opened.push(publisher);
  return publisher;
}

async function openReady(options: Partial<PublisherOptions> = {}): Promise<Publisher> {
  const publisher = open(options);
  expect(await publisher.readyWithin(30_000)).toBe(true);
  return publisher;
}

async function breakableWire(): Promise<Wire> {
  const wire = await openWire(rabbitmqUrl());
  opened.push(wire);
  return wire;
}

test("a queued command is on its lecture's queue, durably, and names itself", async () => {
  const publisher = await openReady();
  const reserve = reserveOf(randomLectureId());
  expect(await publisher.publish(reserve)).toBe("queued");
  const [message] = await drainPartitions();
  expect(JSON.parse(`${message?.content}`)).toEqual(reserve);
  expect(message?.fields.routingKey).toBe(reserve.lectureId);
  expect(message?.properties).toMatchObject({
    deliveryMode: 2,
    messageId: reserve.rid,
    type: "reserve",
  });
  expect(message?.properties.timestamp).toBeWithin(Date.now() / 1000 - 60, Date.now() / 1000 + 60);
});

test("commands of one lecture keep their order on one queue", async () => {
  const publisher = await openReady();
  const lectureId = randomLectureId();
  const commands = Array.from({ length: 300 }, () => reserveOf(lectureId));
  await Promise.all(commands.map((command) => publisher.publish(command)));
  const rids = (await drainPartitions()).map(({ properties }) => properties.messageId);
  expect(rids).toEqual(commands.map(({ rid }) => rid));
});

test("many lectures reach every partition", async () => {
  const publisher = await openReady();
  await Promise.all(
    Array.from({ length: 400 }, () => publisher.publish(reserveOf(randomLectureId()))),
  );
  for (let index = 0; index < PARTITIONS; index += 1) {
    expect((await drain(queueNames.partition(index))).length).toBeGreaterThan(20);
  }
});

test("a command that no queue takes is unroutable, not queued", async () => {
  const publisher = await openReady();
  await onChannel(async (channel) => {
    for (let index = 0; index < PARTITIONS; index += 1)
      await channel.deleteQueue(queueNames.partition(index));
  });
  const calls = Array.from({ length: 20 }, () => publisher.publish(reserveOf(randomLectureId())));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["unroutable"]));
});

test("over the cap nothing is sent, and the answer is full", async () => {
  const publisher = await openReady({ maxInFlight: 10 });
  const calls = Array.from({ length: 15 }, () => publisher.publish(reserveOf(randomLectureId())));
  expect(await Promise.all(calls)).toEqual([...Array(10).fill("queued"), ...Array(5).fill("full")]);
  expect(await drainPartitions()).toHaveLength(10);
  expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("queued");
});

test("withheld confirms end as unknown and keep their places until they come", async () => {
  const wire = await breakableWire();
  const publisher = await openReady({ url: wire.url, maxInFlight: 3, confirmTimeoutMs: 200 });
  wire.stall();
  const calls = Array.from({ length: 3 }, () => publisher.publish(reserveOf(randomLectureId())));
  expect(await Promise.all(calls)).toEqual(["unknown", "unknown", "unknown"]);
  expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("full");
  wire.mend();
  await eventually("a place is free again", async () => {
    return (await publisher.publish(reserveOf(randomLectureId()))) === "queued";
  });
});

test("an alarm ends the wait for confirms at once; nothing is sent until its end", async () => {
  const publisher = await openReady({ confirmTimeoutMs: 60_000 });
  await setBrokerAlarm(true);
  try {
    await eventually("the broker says so", async () => {
      expect(["unknown", "queued", "unavailable"]).toContain(
        await publisher.publish(reserveOf(randomLectureId())),
      );
      return publisher.isClosed();
    });
    expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("unavailable");
  } finally {
    await setBrokerAlarm(false);
  }
  await eventually("it takes commands", async () => {
    return (await publisher.publish(reserveOf(randomLectureId()))) === "queued";
  });
});

test("a lost connection leaves messages unknown, sends none, and comes back", async () => {
  const wire = await breakableWire();
  const publisher = await openReady({ url: wire.url });
  wire.stall();
  const calls = Array.from({ length: 50 }, () => publisher.publish(reserveOf(randomLectureId())));
  wire.cut();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["unknown"]));
  expect(publisher.ready()).toBe(false);
  expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("unavailable");
  wire.mend();
  expect(await publisher.readyWithin(30_000)).toBe(true);
  expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("queued");
});

test("a closed channel is replaced, and the topology is declared again", async () => {
  const publisher = await openReady();
  await onChannel((channel) => channel.deleteExchange(queueNames.commands));
  expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("unknown");
  await eventually("a command is queued again", async () => {
    return (await publisher.publish(reserveOf(randomLectureId()))) === "queued";
  });
});

test("a broker that accepts and never answers is given up and tried again", async () => {
  const wire = await breakableWire();
  wire.stall();
  const troubles: unknown[] = [];
  const publisher = open({ url: wire.url, onTrouble: (error) => troubles.push(error) });
  expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("unavailable");
  await eventually("the attempt is given up", async () => troubles.length > 0);
  wire.mend();
  expect(await publisher.readyWithin(30_000)).toBe(true);
});

test("close ends an attempt to connect and is no trouble", async () => {
  const wire = await breakableWire();
  wire.stall();
  const troubles: unknown[] = [];
  const publisher = open({ url: wire.url, onTrouble: (error) => troubles.push(error) });
  expect(await publisher.readyWithin(100)).toBe(false);
  await publisher.close();
  expect(troubles).toEqual([]);
});

test("no trouble tells the password", async () => {
  const url = new URL(rabbitmqUrl());
  url.password = "not-the-password";
  const troubles: unknown[] = [];
  open({ url: url.href, onTrouble: (error) => troubles.push(error) });
  await eventually("the broker refuses", async () => troubles.length > 0);
  expect(Bun.inspect(troubles)).not.toContain("not-the-password");
});

test("close waits for confirms and refuses what comes later", async () => {
  const publisher = await openReady();
  const calls = Array.from({ length: 200 }, () => publisher.publish(reserveOf(randomLectureId())));
  const closing = publisher.close();
  expect(await publisher.publish(reserveOf(randomLectureId()))).toBe("unavailable");
  await closing;
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["queued"]));
});
