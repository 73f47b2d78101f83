import type { Command } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import { inParallel } from "./in-parallel.ts";
import type { ZooKeeperSession } from "./session.ts";

/** What names a pending node. */
export type PendingName = Pick<Command, "rid" | "kind">;

/** Nodes in one `multi`: a worker's usual batch, some 80 KB of the 1 MB that ZooKeeper takes. */
const MAX_CHUNK = 1_000;
/** All those of a worker's batch go at once. */
const CHUNKS_AT_A_TIME = 16;
/** When a multi fails, its members go one by one, this many at a time. */
const SINGLES_AT_A_TIME = 16;

/**
 * Removes the pending nodes of settled commands; one that is gone already is fine. Any number may be given.
 * Rejects with a ZooKeeperError when not all of them are known to be gone; doing it again is safe.
 */
export async function removePendingNodes(
  session: ZooKeeperSession,
  commands: readonly PendingName[],
): Promise<void> {
  const paths = [...new Set(commands.map(({ rid, kind }) => pendingPaths.node(rid, kind)))];
  await inParallel(chunks(paths, MAX_CHUNK), CHUNKS_AT_A_TIME, async (chunk) => {
    if ((await session.removeAll(chunk)) === "refused")
      await inParallel(chunk, SINGLES_AT_A_TIME, session.remove);
  });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
