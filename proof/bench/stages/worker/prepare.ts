import { connect } from "amqplib";
import { RedisClient } from "bun";
import type { ReserveCommand } from "../../../../contract/command.ts";
import { queueNames, redisKeys } from "../../../../contract/names.ts";
import { createPendingNodes } from "../../../../pending/create.ts";
import { openZooKeeper } from "../../../../pending/session.ts";
import type { Servers } from "../leftovers.ts";
import { propertiesOf } from "../raw/confirms.ts";

const CLAIMS_PER_COMMAND = 1_000;

/** Prepares the worker's input: the commands' claims, pending nodes and messages. */
export async function openPreparation({
  rabbitmqUrl,
  zooKeeperUrl,
  redisUrl,
}: Servers & { redisUrl: string }) {
  const connection = await connect(rabbitmqUrl);
  const channel = await connection.createConfirmChannel();
  const redis = new RedisClient(redisUrl);
  const session = openZooKeeper({
    servers: zooKeeperUrl,
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: 10_000,
    maxInFlight: 500,
  });
  if (!(await session.connectedWithin(10_000))) throw new Error("ZooKeeper does not answer");
  const createPendingNode = createPendingNodes(session, { maxWaiting: Number.POSITIVE_INFINITY });

  return {
    /** One list of commands per lecture. */
    async loadClaims(lists: ReserveCommand[][]): Promise<void> {
      for (const list of lists) {
        for (let at = 0; at < list.length; at += CLAIMS_PER_COMMAND) {
          const some = list.slice(at, at + CLAIMS_PER_COMMAND);
          const { lectureId = "" } = some[0] ?? {};
          const claims = some.flatMap(({ userId, rid, claimedAtMs }) => [
            userId,
            `h:${claimedAtMs}:${rid}`,
          ]);
          const held = some.flatMap(({ userId, claimedAtMs }) => [String(claimedAtMs), userId]);
          await redis.send("HSET", [redisKeys.claims(lectureId), ...claims]);
          await redis.send("ZADD", [redisKeys.held(lectureId), ...held]);
        }
      }
    },

    async createNodes(lists: ReserveCommand[][]): Promise<void> {
      await Promise.all(lists.flat().map(createPendingNode));
    },

    /** Publishes each list into the queue of a partition. */
    async publish(lists: ReserveCommand[][]): Promise<void> {
      for (const [partition, list] of lists.entries())
        for (const [index, command] of list.entries())
          channel.sendToQueue(
            queueNames.partition(partition),
            Buffer.from(JSON.stringify(command)),
            propertiesOf(command, index),
          );
      await channel.waitForConfirms();
    },

    /** Throws unless every claim is confirmed and no node is left. Then removes everything. */
    async expectSettled(lists: ReserveCommand[][]): Promise<void> {
      for (const list of lists) {
        const { lectureId = "" } = list[0] ?? {};
        const held = Number(await redis.send("ZCARD", [redisKeys.held(lectureId)]));
        const claims = Number(await redis.send("HLEN", [redisKeys.claims(lectureId)]));
        if (held !== 0 || claims !== list.length)
          throw new Error(`${held} claims were left as they were`);
        await redis.send("DEL", [redisKeys.claims(lectureId), redisKeys.held(lectureId)]);
      }
    },

    async close(): Promise<void> {
      redis.close();
      await Promise.all([connection.close(), session.close()]);
    },
  };
}
