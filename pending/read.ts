import {
  type Command,
  isOfSeat,
  kindsOf,
  readCommand,
  type SeatCommand,
} from "../contract/command.ts";
import { type LectureId, lectureOf, type Rid } from "../contract/ids.ts";
import { PENDING_SHARDS, pendingPaths } from "../contract/names.ts";
import { inParallel } from "./in-parallel.ts";
import type { NodeRead } from "./operations.ts";
import type { ZooKeeperSession } from "./session.ts";

/**
 * A pending node as read. `unreadable`: why it holds no command of its own rid; `data`: everything
 * it holds.
 */
export type PendingNode = { path: string; createdAtMs: number } & (
  | { command: Command }
  | { unreadable: string; data: Buffer }
);

const SHARDS = Array.from({ length: PENDING_SHARDS }, (_, index) => pendingPaths.shard(index));

const SHARDS_AT_A_TIME = 16;
const NODES_AT_A_TIME = 32;

/** A rid's later command comes first. */
const LATEST_FIRST = kindsOf({ cancel: true, reserve: true, amend: true }).filter(isOfSeat);

/**
 * The undecided command of the rid, the cancel if there are both; undefined if nothing is pending.
 * Rejects with a ZooKeeperError, or with an Error if the node holds no command of that rid.
 */
export async function findPending(
  session: ZooKeeperSession,
  rid: Rid,
): Promise<SeatCommand | undefined> {
  const nodes = await Promise.all(LATEST_FIRST.map((kind) => findCommand(session, rid, kind)));
  return nodes.find((found) => found !== undefined) as SeatCommand | undefined;
}

/** The undecided amendment of the rid. Rejects as findPending does. */
export async function findPendingAmendment(
  session: ZooKeeperSession,
  rid: Rid,
): Promise<Command | undefined> {
  return await findCommand(session, rid, "amend");
}

async function findCommand(
  session: ZooKeeperSession,
  rid: Rid,
  kind: Command["kind"],
): Promise<Command | undefined> {
  const node = await readNode(session, pendingPaths.node(rid, kind));
  if (!node) return undefined;
  if ("unreadable" in node)
    throw new Error(`the pending node ${node.path} is unreadable: ${node.unreadable}`);
  return node.command;
}

/**
 * All pending nodes, or those of one lecture, each as at some moment of the call. Holds all of them
 * in memory, some hundred bytes each. Rejects with a ZooKeeperError.
 */
export async function listPending(
  session: ZooKeeperSession,
  lectureId?: LectureId,
): Promise<PendingNode[]> {
  const paths = await listPendingPaths(session);
  return readPending(
    session,
    paths.filter((path) => !lectureId || lectureIdOf(path) === lectureId),
  );
}

/**
 * The pending nodes of these lectures, by lecture, in 256 requests and one more for each node.
 * Lectures without nodes are missing. Rejects with a ZooKeeperError.
 */
export async function listPendingOf(
  session: ZooKeeperSession,
  lectureIds: ReadonlySet<LectureId>,
): Promise<Map<LectureId, PendingNode[]>> {
  const paths = (await listPendingPaths(session)).filter((path) =>
    lectureIds.has(lectureIdOf(path)),
  );
  return Map.groupBy(await readPending(session, paths), ({ path }) => lectureIdOf(path));
}

/** The pending nodes at these paths, without those that are gone. Rejects with a ZooKeeperError. */
export async function readPending(
  session: ZooKeeperSession,
  paths: string[],
): Promise<PendingNode[]> {
  const nodes = await inParallel(paths, NODES_AT_A_TIME, (path) => readNode(session, path));
  return nodes.filter((node) => node !== undefined);
}

/**
 * The number of pending nodes of each lecture that has any. Reads no node. Rejects with a
 * ZooKeeperError.
 */
export async function countPending(session: ZooKeeperSession): Promise<Map<LectureId, number>> {
  const counts = new Map<LectureId, number>();
  for (const path of await listPendingPaths(session)) {
    const id = lectureIdOf(path);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The paths of all pending nodes, in 256 requests. Rejects with a ZooKeeperError. */
export async function listPendingPaths(session: ZooKeeperSession): Promise<string[]> {
  const lists = await inParallel(SHARDS, SHARDS_AT_A_TIME, async (shard) => {
    const names = (await session.children(shard)) ?? [];
    return names.map((name) => `${shard}/${name}`);
  });
  return lists.flat();
}

/** The lecture of a pending node, from its name. */
function lectureIdOf(path: string): LectureId {
  return lectureOf(path.slice(path.lastIndexOf("/") + 1));
}

async function readNode(session: ZooKeeperSession, path: string): Promise<PendingNode | undefined> {
  const node = await session.read(path);
  return node && { path, createdAtMs: node.createdAtMs, ...parse(path, node) };
}

function parse(
  path: string,
  { data }: NodeRead,
): { command: Command } | { unreadable: string; data: Buffer } {
  const read = readCommand(data.toString());
  if ("unreadable" in read) return { ...read, data };
  const { rid, kind } = read.command;
  return pendingPaths.node(rid, kind) === path
    ? read
    : { unreadable: "a command of another node", data };
}
