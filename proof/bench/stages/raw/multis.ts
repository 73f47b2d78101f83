import { createClient } from "node-zookeeper-client";
import type { Command } from "../../../../contract/command.ts";
import { PENDING_SHARDS, pendingPaths } from "../../../../contract/names.ts";
import { chunksOf } from "../../chunks.ts";
import { closedLoop, type Pace } from "../closed-loop.ts";

const NODES_PER_MULTI = 100;

/**
 * The library alone: one client, `multi`s of 100 creates each, with the given number pipelined. The
 * nodes are Lectern's.
 */
export async function rawMultis(servers: string) {
  const client = createClient(servers);
  const connected = new Promise<void>((resolve) => client.once("connected", resolve));
  client.connect();
  await connected;
  const shards = Array.from({ length: PENDING_SHARDS }, (_, index) => pendingPaths.shard(index));
  for (const shard of shards)
    await new Promise<void>((resolve, reject) =>
      client.mkdirp(shard, (error) => (error ? reject(error) : resolve())),
    );

  function createTogether(commands: readonly Command[]): Promise<void> {
    const transaction = client.transaction();
    for (const command of commands)
      transaction.create(
        pendingPaths.node(command.rid, command.kind),
        Buffer.from(JSON.stringify(command)),
      );
    return new Promise((resolve, reject) =>
      transaction.commit((error) => (error ? reject(error) : resolve())),
    );
  }

  return {
    /** Returns the nodes created per second. */
    async createAll(commands: readonly Command[], { atOnce, seconds }: Pace): Promise<number> {
      const multis = chunksOf(commands, NODES_PER_MULTI);
      const together = { atOnce: atOnce / NODES_PER_MULTI, seconds };
      return NODES_PER_MULTI * (await closedLoop(multis, together, createTogether));
    },

    close: () => client.close(),
  };
}
