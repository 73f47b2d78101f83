import { afterEach, beforeEach, expect, test } from "bun:test";
import { queueNames } from "../contract/names.ts";
import { freshTopology, onChannel, PARTITIONS, rabbitmqUrl } from "../test/rooms/broker.ts";
import { openWire, type Wire } from "../test/rooms/wire.ts";
import { eventually } from "../test/servers.ts";
import { type DepthReader, openDepthReader } from "./depth-reader.ts";

let reader: DepthReader;
let wire: Wire;

beforeEach(async () => {
  await freshTopology();
  wire = await openWire(rabbitmqUrl());
  reader = openDepthReader({ url: wire.url, partitions: PARTITIONS, timeoutMs: 300 });
  expect(await reader.readyWithin(30_000)).toBe(true);
});
afterEach(async () => {
  wire.mend();
  await reader.close();
  await wire.close();
});

const readyIn = async (queue: string) =>
  (await reader.read())?.find((depth) => depth.queue === queue)?.ready;

test("it tells again and again how full the queues are", async () => {
  expect((await reader.read())?.map(({ queue }) => queue)).toHaveLength(PARTITIONS + 1);
  await onChannel(async (channel) => {
    channel.sendToQueue(queueNames.partition(1), Buffer.from("{}"));
    await channel.close();
  });
  await eventually(
    "the message is counted",
    async () => (await readyIn(queueNames.partition(1))) === 1,
  );
});

test("a broker that is silent is not waited for, and asked again when it is back", async () => {
  wire.stall();
  expect(await reader.read()).toBeUndefined();
  wire.mend();
  await eventually("it tells again", async () => (await readyIn(queueNames.dead)) === 0);
});

test("a queue that is missing for a while costs no more than the readings meanwhile", async () => {
  await onChannel((channel) => channel.deleteQueue(queueNames.partition(3)));
  await eventually("it tells nothing", async () => (await reader.read()) === undefined);
  await freshTopology();
  await eventually("it tells again", async () => (await readyIn(queueNames.partition(3))) === 0);
});
