import { listPendingPaths } from "./read.ts";
import type { ZooKeeperSession } from "./session.ts";

/** The memory between looks: when each path was first seen, in monotonic milliseconds. */
export type SeenNodes = Map<string, number>;

/**
 * The paths of the pending nodes that have existed for `staleMs`, longest seen first; updates
 * `seen`. A look lists only names, and a node's age counts from the first look that met it. Neither
 * a long backlog nor ZooKeeper's clock therefore matters much. Rejects with a ZooKeeperError.
 *
 * @param nowMs monotonic milliseconds: setting a clock makes no node older or younger
 */
export async function findStale(
  session: ZooKeeperSession,
  seen: SeenNodes,
  { staleMs, nowMs }: { staleMs: number; nowMs: number },
): Promise<string[]> {
  const paths = new Set(await listPendingPaths(session));
  for (const path of seen.keys()) if (!paths.has(path)) seen.delete(path);
  for (const path of paths) if (!seen.has(path)) seen.set(path, nowMs);
  return [...seen].flatMap(([path, firstSeenMs]) => (nowMs - firstSeenMs >= staleMs ? [path] : []));
}
