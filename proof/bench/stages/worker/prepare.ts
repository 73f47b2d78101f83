import { RedisClient } from "bun";
import type { ReserveCommand } from "../../../../contract/command.ts";
import { queueNames, redisKeys } from "../../../../contract/names.ts";
import { createPendingNodes } from "../../../../pending/create.ts";
import { chunksOf } from "../../chunks.ts";
import type { Leftovers } from "../leftovers.ts";
import { propertiesOf } from "../raw/confirms.ts";

const CLAIMS_PER_COMMAND = 1_000;

/** Prepares the worker's input: claims, pending nodes and messages of one list per lecture. */
export function openPreparation(redisUrl: string, { channel, session }: Leftovers) {
  const redis = new RedisClient(redisUrl);
  const createPendingNode = createPendingNodes(session, { maxWaiting: Number.POSITIVE_INFINITY });

  return {
    async loadClaims(lists: ReserveCommand[][]): Promise<void> {
      for (const some of lists.flatMap((list) => chunksOf(list, CLAIMS_PER_COMMAND))) {
        const claims = some.flatMap(({ userId, rid, claimedAtMs }) => [
          userId,
          `h:${claimedAtMs}:${rid}`,
        ]);
        const held = some.flatMap(({ userId, claimedAtMs }) => [String(claimedAtMs), userId]);
        await redis.send("HSET", [redisKeys.claims(lectureOf(some)), ...claims]);
        await redis.send("ZADD", [redisKeys.held(lectureOf(some)), ...held]);
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
        const [claimsKey, heldKey] = [
          redisKeys.claims(lectureOf(list)),
          redisKeys.held(lectureOf(list)),
        ];
        const held = Number(await redis.send("ZCARD", [heldKey]));
        const claims = Number(await redis.send("HLEN", [claimsKey]));
        if (held !== 0 || claims !== list.length)
          throw new Error(`${held} claims were left as they were`);
        await redis.send("DEL", [claimsKey, heldKey]);
      }
    },

    close: () => redis.close(),
  };
}

export function lectureOf([first]: ReserveCommand[]): string {
  return first?.lectureId ?? "";
}
