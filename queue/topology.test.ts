import { beforeEach, expect, test } from "bun:test";
import { queueNames } from "../contract/names.ts";
import { freshTopology, onChannel, PARTITIONS, rabbitmqUrl } from "../test/rooms/broker.ts";
import { queueDepths } from "./depth.ts";
import { declareTopology } from "./topology.ts";

beforeEach(freshTopology);

test("declaring the topology again changes nothing and loses nothing", async () => {
  const depths = await onChannel(async (channel) => {
    channel.sendToQueue(queueNames.partition(1), Buffer.from("{}"), { persistent: true });
    channel.sendToQueue(queueNames.dead, Buffer.from("{}"), { persistent: true });
    await declareTopology(channel, { partitions: PARTITIONS });
    await declareTopology(channel, { partitions: PARTITIONS });
    return queueDepths({ url: rabbitmqUrl(), partitions: PARTITIONS, timeoutMs: 5_000 });
  });
  expect(depths.map(({ ready }) => ready)).toEqual([0, 1, 0, 0, 1]);
});

test("more partitions can be declared beside those that are there", async () => {
  const depths = await onChannel(async (channel) => {
    await declareTopology(channel, { partitions: PARTITIONS + 2 });
    return queueDepths({ url: rabbitmqUrl(), partitions: PARTITIONS + 2, timeoutMs: 5_000 });
  });
  expect(depths).toHaveLength(PARTITIONS + 3);
});

test("a queue of the same name with other settings is refused", async () => {
  await onChannel(async (channel) => {
    channel.on("error", () => {});
    await channel.deleteQueue(queueNames.partition(0));
    await channel.assertQueue(queueNames.partition(0), { durable: true });
    await expect(declareTopology(channel, { partitions: PARTITIONS })).rejects.toThrow(
      "PRECONDITION",
    );
  });
});
