import pino from "pino";
import type { Command } from "../../../../contract/command.ts";
import { breakerOf, guardPublisher, guardZooKeeper } from "../../../../origin/breakers.ts";
import { deadlineIn } from "../../../../origin/deadline.ts";
import { enqueue } from "../../../../origin/enqueue.ts";
import { createPendingNodes } from "../../../../pending/create.ts";
import type { StackEnvironment } from "../../../../stack/environment.ts";
import { publisherOf, zooKeeperOf } from "../../servers.ts";
import { closedLoop, type Pace } from "../closed-loop.ts";

/** The origin's deadline for a request without a budget, in milliseconds. */
const BUDGET_MS = 10_000;

/** The origin's queueing, assembled as in origin/main.ts. */
export async function openOurs(environment: StackEnvironment) {
  const log = pino({ level: "error" });
  const zooKeeper = await zooKeeperOf(environment);
  const broker = { url: environment.RABBITMQ_URL, partitions: Number(environment.PARTITIONS) };
  const publisher = await publisherOf(broker, { maxInFlight: 2_000 });
  const deps = {
    lateNodes: { add: () => {} },
    createPendingNode: guardZooKeeper(createPendingNodes(zooKeeper), breakerOf("zookeeper", log)),
    publisher: guardPublisher(publisher, breakerOf("rabbitmq", log)),
    log,
  };

  return {
    /** Returns the commands queued per second. */
    enqueueAll: (commands: readonly Command[], pace: Pace) =>
      closedLoop(commands, pace, async (command) => {
        const outcome = await enqueue(deps, command, deadlineIn(BUDGET_MS));
        if (outcome !== "queued") throw new Error(`a command was ${outcome}`);
      }),

    async close(): Promise<void> {
      await publisher.close();
      await zooKeeper.close();
    },
  };
}
