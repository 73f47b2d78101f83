import type { Rid } from "../contract/ids.ts";
import { pendingPaths } from "../contract/names.ts";
import { inParallel } from "./in-parallel.ts";
import type { ZooKeeperSession } from "./session.ts";

const CREATES_AT_A_TIME = 16;

/**
 * Ensures the shards above pending nodes: each is created when first needed and then remembered.
 */
export function pendingShards(session: ZooKeeperSession) {
  const known = new Set<string>();

  async function create(shard: string): Promise<void> {
    if ((await session.create(shard)) === "no_parent") {
      await session.create(pendingPaths.root);
      await session.create(shard);
    }
    known.add(shard);
  }

  return {
    /** Resolves when the shard of every rid exists; costs nothing for known shards. */
    async ensureAll(rids: readonly Rid[]): Promise<void> {
      const missing = new Set(rids.map(pendingPaths.shardOf).filter((shard) => !known.has(shard)));
      if (missing.size > 0) await inParallel([...missing], CREATES_AT_A_TIME, create);
    },

    /** Creates the rid's shard again after a removal. */
    async restore(rid: Rid): Promise<void> {
      await create(pendingPaths.shardOf(rid));
    },
  };
}
