import type { Command } from "../contract/command.ts";
import { lectureOf } from "../contract/ids.ts";
import { pendingPaths } from "../contract/names.ts";
import type { ZooKeeperSession } from "./session.ts";

/** Shards remembered at most, oldest forgotten first: a forgotten one costs one more request. */
const MAX_KNOWN = 20_000;

/** Makes sure of the nodes above pending nodes: root, lecture and shard, each created when first needed and then remembered. */
export function parentNodes(session: ZooKeeperSession) {
  const known = new Set<string>();
  const underway = new Map<string, Promise<void>>();

  async function create(rid: Command["rid"]): Promise<void> {
    const shard = pendingPaths.shardOf(rid);
    if ((await session.create(shard)) === "no_parent") {
      await session.create(pendingPaths.root);
      await session.create(pendingPaths.lecture(lectureOf(rid)));
      await session.create(shard);
    }
    known.add(shard);
    for (const oldest of known) {
      if (known.size <= MAX_KNOWN) break;
      known.delete(oldest);
    }
  }

  function ensure(rid: Command["rid"]): Promise<void> | undefined {
    const shard = pendingPaths.shardOf(rid);
    if (known.has(shard)) return undefined;
    const begun = underway.get(shard);
    if (begun) return begun;
    const creating = create(rid).finally(() => underway.delete(shard));
    underway.set(shard, creating);
    return creating;
  }

  return {
    /** Resolves when the shard of every command is there; costs nothing where it is known to be. */
    async ensureAll(commands: readonly Command[]): Promise<void> {
      await Promise.all(commands.map((command) => ensure(command.rid)));
    },

    /** Creates the shard's missing parents although they were seen before: someone removed them. */
    async restore(command: Command): Promise<void> {
      known.delete(pendingPaths.shardOf(command.rid));
      await ensure(command.rid);
    },
  };
}
