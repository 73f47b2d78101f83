import type { Rid } from "../../../contract/ids.ts";
import { PENDING_SHARDS, pendingPaths } from "../../../contract/names.ts";
import type { NodeRead, NodeToCreate } from "../../../pending/operations.ts";
import type { ZooKeeperSession } from "../../../pending/session.ts";
import { ZooKeeperError } from "../../../pending/zookeeper-error.ts";
import type { Kernel, Process } from "../kernel.ts";

interface Node {
  data: Buffer;
  createdAtMs: number;
  /** the session whose end removes the node */
  owner?: symbol;
}

const NO_DATA = Buffer.alloc(0);

/** How long a session outlives its client, in milliseconds. */
export const SESSION_TIMEOUT_MS = 10_000;

/** A process that never crashes: it ends sessions by its own clock. */
const SERVER: Process = { name: "zookeeper", alive: true };

function lost(): Error {
  return new ZooKeeperError("unknown", "ZooKeeper: the connection was lost");
}

function refused(): Error {
  return new ZooKeeperError("unavailable", "not connected to ZooKeeper");
}

/**
 * A ZooKeeper ensemble: its nodes, and sessions with the operations of pending/session.ts.
 *
 * @param shards the shards of this world's rids; every other shard is always empty, and its listing
 * is answered at once
 */
export function createZooKeeper(kernel: Kernel, shards: ReadonlySet<string>) {
  const nodes = new Map<string, Node>([[pendingPaths.root, node(NO_DATA)]]);
  const sessions = new Map<Process, symbol>();

  function node(data: Buffer, owner?: symbol): Node {
    return { data, createdAtMs: kernel.nowMs(), ...(owner && { owner }) };
  }

  function canCreate(path: string): "created" | "exists" | "no_parent" {
    if (nodes.has(path)) return "exists";
    const parent = path.slice(0, path.lastIndexOf("/"));
    return parent === "" || nodes.has(parent) ? "created" : "no_parent";
  }

  function add(path: string, added: Node): "created" | "exists" | "no_parent" {
    const outcome = canCreate(path);
    if (outcome === "created") nodes.set(path, added);
    return outcome;
  }

  function drop(path: string): "removed" | "missing" {
    return nodes.delete(path) ? "removed" : "missing";
  }

  function addAll(added: NodeToCreate[]): "created" | "refused" {
    if (added.some(({ path }) => canCreate(path) !== "created")) return "refused";
    if (new Set(added.map(({ path }) => path)).size < added.length) return "refused";
    for (const { path, data } of added) add(path, node(data));
    return "created";
  }

  function dropAll(paths: string[]): "removed" | "refused" {
    if (paths.some((path) => !nodes.has(path))) return "refused";
    for (const path of paths) drop(path);
    return "removed";
  }

  function childrenOf(path: string): string[] | undefined {
    if (!nodes.has(path)) return undefined;
    const inside = `${path}/`;
    return [...nodes.keys()].flatMap((each) =>
      each.startsWith(inside) ? [each.slice(inside.length)] : [],
    );
  }

  function read(path: string, session: symbol): NodeRead | undefined {
    const found = nodes.get(path);
    if (!found) return undefined;
    const { data, createdAtMs, owner } = found;
    return { data, createdAtMs, isOfThisSession: owner === session };
  }

  function begin(process: Process): void {
    sessions.set(process, Symbol(process.name));
  }

  function end(session: symbol): void {
    for (const [path, { owner }] of nodes) if (owner === session) drop(path);
  }

  function sessionOf(process: Process): ZooKeeperSession {
    begin(process);
    const ask = <Value>(what: string, detail: unknown, effect: () => Value) =>
      kernel.call(process, { server: "zookeeper", what, detail, effect, lost, refused });
    const owner = () => sessions.get(process) as symbol;
    return {
      create: (path, data = NO_DATA) => ask("create", path, () => add(path, node(data))),
      createEphemeral: (path, data) => {
        const session = owner();
        return ask("create ephemeral", path, () => {
          if (sessions.get(process) !== session) throw lost();
          return add(path, node(data, session)) === "created" ? "created" : "exists";
        });
      },
      createAll(added) {
        const paths = added.map(({ path }) => path);
        return ask("create all", paths, () => addAll(added));
      },
      remove: (path) => ask("remove", path, () => drop(path)),
      removeAll: (paths) => ask("remove all", paths, () => dropAll(paths)),
      exists: (path) => ask("exists", path, () => nodes.has(path)),
      read: (path) => {
        const session = owner();
        return ask("read", path, () => read(path, session));
      },
      children: (path) =>
        shards.has(path) ? ask("children", path, () => childrenOf(path)) : MISSING,
      connected: () => true,
      currentSession: owner,
      connectedWithin: () => Promise.resolve(true),
      onRenewed: () => () => {},
      close: () => Promise.resolve(),
    };
  }

  return {
    nodes,
    shards,
    sessionOf,
    /** the paths of the pending nodes */
    pending: () =>
      [...nodes.keys()].filter(
        (path) => path.startsWith("/pending/") && path.length > SHARD_LENGTH,
      ),

    /** Waits as the real watches do, until no node of the rid exists. */
    untilGone(process: Process, rid: Rid, timeoutMs: number): Promise<"gone" | "timeout"> {
      const kinds = ["reserve", "cancel", "amend"] as const;
      const paths = kinds.map((kind) => pendingPaths.node(rid, kind));
      return new Promise((resolve) => {
        const takeBack = kernel.at(process, kernel.nowMs() + timeoutMs, () => resolve("timeout"));
        const watching = kernel.call(process, {
          server: "zookeeper",
          what: "watch",
          detail: rid,
          effect() {},
          blocked: () => paths.some((path) => nodes.has(path)),
          lost,
        });
        watching.then(
          () => {
            takeBack();
            resolve("gone");
          },
          () => {},
        );
      });
    },

    /**
     * The process' session ends at once with its ephemeral nodes, and the process gets a new
     * session.
     */
    expire(process: Process): void {
      const session = sessions.get(process);
      if (!session) return;
      begin(process);
      end(session);
    },

    /**
     * The process lost its connection and gets a new session. The old session's nodes go when the
     * server has not heard of it for the timeout, which begins some time before the process
     * notices.
     */
    renew(process: Process): void {
      const session = sessions.get(process);
      if (!session) return;
      begin(process);
      kernel.at(SERVER, kernel.nowMs() + kernel.random() * SESSION_TIMEOUT_MS, () => end(session));
    },
  };
}

/** The answer for the many shards that never exist here. */
const MISSING = Promise.resolve(undefined);

const SHARD_LENGTH = pendingPaths.shard(PENDING_SHARDS - 1).length;
