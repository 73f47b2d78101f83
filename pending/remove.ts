import { type Command, kindsOf } from "../contract/command.ts";
import type { Rid } from "../contract/ids.ts";
import { pendingPaths } from "../contract/names.ts";
import { inParallel } from "./in-parallel.ts";
import type { ZooKeeperSession } from "./session.ts";

const KINDS = kindsOf({ reserve: true, cancel: true, amend: true });

/** The parts of a command that name its pending node. */
export type PendingName = Pick<Command, "rid" | "kind">;

/**
 * The most nodes in one `multi`: a worker's usual batch, some 80 KB of the 1 MB that ZooKeeper
 * takes.
 */
const MAX_CHUNK = 1_000;
/** All chunks of a worker's batch go at once. */
const CHUNKS_AT_A_TIME = 16;
/** When a multi fails, its members go one by one, this many at a time. */
const SINGLES_AT_A_TIME = 16;

/**
 * Removes the pending nodes of settled commands, any number; a missing node is fine. Rejects with a
 * ZooKeeperError unless all are known to be gone; doing it again is safe.
 */
export async function removePendingNodes(
  session: ZooKeeperSession,
  commands: readonly PendingName[],
): Promise<void> {
  const paths = pathsOf(commands);
  await inParallel(chunks(paths, MAX_CHUNK), CHUNKS_AT_A_TIME, async (chunk) => {
    if ((await session.removeAll(chunk)) === "refused")
      await inParallel(chunk, SINGLES_AT_A_TIME, session.remove);
  });
}

/** The path of each node, once. */
function pathsOf(commands: readonly PendingName[]): string[] {
  // Rids, not paths: the decider has already looked each rid up, and a text's hash is cached.
  const rids = { reserve: new Set<Rid>(), cancel: new Set<Rid>(), amend: new Set<Rid>() };
  for (const { rid, kind } of commands) rids[kind].add(rid);
  const paths: string[] = [];
  for (const kind of KINDS) for (const rid of rids[kind]) paths.push(pendingPaths.node(rid, kind));
  return paths;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
