import pino from "pino";
import type { Command } from "../../../../contract/command.ts";
import { breakerOf, guardPublisher, guardZooKeeper } from "../../../../origin/breakers.ts";
import { deadlineIn } from "../../../../origin/deadline.ts";
import { enqueue } from "../../../../origin/enqueue.ts";
import { createPendingNodes } from "../../../../pending/create.ts";
import { openZooKeeper } from "../../../../pending/session.ts";
import { openPublisher } from "../../../../queue/publisher.ts";
import { closedLoop } from "../closed-loop.ts";
import type { Servers } from "../leftovers.ts";

/** The origin's deadline for a request without a budget, in milliseconds. */
const BUDGET_MS = 10_000;
const CONNECTS_WITHIN_MS = 10_000;

/** The origin's queueing, assembled as in origin/main.ts. */
export async function openOurs({ rabbitmqUrl, zooKeeperUrl, partitions }: Servers) {
  const log = pino({ level: "error" });
  const zooKeeper = openZooKeeper({
    servers: zooKeeperUrl,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: 3_000,
    maxInFlight: 500,
  });
  const publisher = openPublisher({
    url: rabbitmqUrl,
    partitions,
    maxInFlight: 2_000,
    confirmTimeoutMs: 3_000,
  });
  const deps = {
    lateNodes: { add: () => {} },
    createPendingNode: guardZooKeeper(createPendingNodes(zooKeeper), breakerOf("zookeeper", log)),
    publisher: guardPublisher(publisher, breakerOf("rabbitmq", log)),
    log,
  };
  const connected = await Promise.all([
    zooKeeper.connectedWithin(CONNECTS_WITHIN_MS),
    publisher.readyWithin(CONNECTS_WITHIN_MS),
  ]);
  if (connected.includes(false)) throw new Error("ZooKeeper or RabbitMQ does not answer");

  return {
    /** Returns the commands queued per second. */
    enqueueAll: (commands: readonly Command[], load: { atOnce: number; seconds: number }) =>
      closedLoop(commands, load, async (command) => {
        const outcome = await enqueue(deps, command, deadlineIn(BUDGET_MS));
        if (outcome !== "queued") throw new Error(`a command was ${outcome}`);
      }),

    async close(): Promise<void> {
      await publisher.close();
      await zooKeeper.close();
    },
  };
}
