import { beforeEach, expect, test } from "bun:test";
import { queueNames } from "../contract/names.ts";
import { freshTopology, onChannel, PARTITIONS, rabbitmqUrl } from "../test/rooms/broker.ts";
import { openWire } from "../test/rooms/wire.ts";
import { eventually } from "../test/servers.ts";
import { queueDepths } from "./depth.ts";

beforeEach(freshTopology);

const depthsAt = (url: string, timeoutMs = 5_000) =>
  queueDepths({ url, partitions: PARTITIONS, timeoutMs });

test("every queue tells what is ready and who consumes", async () => {
  await onChannel(async (channel) => {
    await channel.consume(queueNames.partition(2), () => {});
    for (let count = 0; count < 7; count += 1)
      channel.sendToQueue(queueNames.partition(0), Buffer.from("{}"));
    channel.sendToQueue(queueNames.dead, Buffer.from("{}"));
    await eventually("the messages have arrived", async () => {
      const depths = await depthsAt(rabbitmqUrl());
      return depths[0]?.ready === 7 && depths[PARTITIONS]?.ready === 1;
    });
    expect(await depthsAt(rabbitmqUrl())).toEqual([
      { queue: "lectern.commands.0", ready: 7, consumers: 0 },
      { queue: "lectern.commands.1", ready: 0, consumers: 0 },
      { queue: "lectern.commands.2", ready: 0, consumers: 1 },
      { queue: "lectern.commands.3", ready: 0, consumers: 0 },
      { queue: "lectern.dead", ready: 1, consumers: 0 },
    ]);
  });
});

test("a queue that was never declared is an error, not an empty queue", async () => {
  await onChannel((channel) => channel.deleteQueue(queueNames.partition(3)));
  await expect(depthsAt(rabbitmqUrl())).rejects.toThrow("lectern.commands.3");
});

test("a broker that does not answer is given up", async () => {
  const wire = await openWire(rabbitmqUrl());
  wire.stall();
  await expect(depthsAt(wire.url, 200)).rejects.toThrow();
  await wire.close();
});
