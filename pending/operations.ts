import { type Client, CreateMode, Exception, type Stat } from "node-zookeeper-client";
import type { Run } from "./connection.ts";
import { commitMulti, type MultiOperation } from "./multi.ts";
import { ZooKeeperError } from "./zookeeper-error.ts";

export interface NodeToCreate {
  path: string;
  data: Buffer;
}

export interface NodeRead {
  data: Buffer;
  /** ZooKeeper's time of the creation, in Unix milliseconds */
  createdAtMs: number;
  /** whether the node is ephemeral and of the session that read it; false for any other node */
  isOfThisSession: boolean;
}

const NO_DATA = Buffer.alloc(0);

/**
 * The operations on nodes, each one request. Paths are absolute below the chroot. Outcomes that a
 * caller has to expect are values; everything else rejects with a ZooKeeperError.
 */
export function nodeOperations(run: Run, chroot: string) {
  const at = (path: string) => (path === "/" ? chroot || "/" : chroot + path);

  /** Creates one persistent node. */
  function create(
    path: string,
    data: Buffer = NO_DATA,
  ): Promise<"created" | "exists" | "no_parent"> {
    return run((client, reply) =>
      client.create(at(path), data, (error) => {
        if (!error) reply.ok("created");
        else if (isCode(error, Exception.NODE_EXISTS)) reply.ok("exists");
        else if (isCode(error, Exception.NO_NODE)) reply.ok("no_parent");
        else reply.failed(error);
      }),
    );
  }

  /**
   * Creates a node that lives as long as this connection's session, plus the session timeout if the
   * connection is lost.
   */
  function createEphemeral(path: string, data: Buffer): Promise<"created" | "exists"> {
    return run((client, reply) =>
      client.create(at(path), data, CreateMode.EPHEMERAL, (error) => {
        if (!error) reply.ok("created");
        else if (isCode(error, Exception.NODE_EXISTS)) reply.ok("exists");
        else reply.failed(error);
      }),
    );
  }

  /** Creates all the nodes, or none (`refused`) if one of them exists or misses its parent. */
  function createAll(nodes: NodeToCreate[]): Promise<"created" | "refused"> {
    const operations = nodes.map(({ path, data }) => ({ create: at(path), data }));
    return commit(operations, "created", [Exception.NODE_EXISTS, Exception.NO_NODE]);
  }

  /** Removes one node, which must have no children. */
  function remove(path: string): Promise<"removed" | "missing"> {
    return run((client, reply) =>
      client.remove(at(path), (error) => {
        if (!error) reply.ok("removed");
        else if (isCode(error, Exception.NO_NODE)) reply.ok("missing");
        else reply.failed(error);
      }),
    );
  }

  /** Removes all the nodes, or none (`refused`) if one of them is missing. */
  function removeAll(paths: string[]): Promise<"removed" | "refused"> {
    const operations = paths.map((path) => ({ remove: at(path) }));
    return commit(operations, "removed", [Exception.NO_NODE]);
  }

  function commit<Done>(
    operations: MultiOperation[],
    done: Done,
    expected: number[],
  ): Promise<Done | "refused"> {
    return run((client, reply) =>
      commitMulti(client, operations, (error, code) => {
        if (error) reply.failed(error);
        else if (code === 0) reply.ok(done);
        else if (expected.includes(code)) reply.ok("refused");
        else
          reply.failed(
            new ZooKeeperError("refused", `ZooKeeper refused a multi with ${code}`, code),
          );
      }),
    );
  }

  function exists(path: string): Promise<boolean> {
    return run((client, reply) =>
      client.exists(at(path), (error, stat: Stat | null) =>
        error ? reply.failed(error) : reply.ok(stat !== null),
      ),
    );
  }

  /**
   * Reads a node; undefined if it is missing. `onChange` is called once, when the node is changed
   * or removed. A missing node gets no watch; the library's `exists` would leave one for its
   * creation.
   */
  function read(path: string, onChange?: () => void): Promise<NodeRead | undefined> {
    return run((client, reply) => {
      const answer = (error: Error | Exception | null, data: Buffer | undefined, stat: Stat) => {
        if (!error) reply.ok(nodeRead(client, data, stat));
        else if (isCode(error, Exception.NO_NODE)) reply.ok(undefined);
        else reply.failed(error);
      };
      if (onChange) client.getData(at(path), onChange, answer);
      else client.getData(at(path), answer);
    });
  }

  /** The names of a node's children; undefined if the node is missing. */
  function children(path: string): Promise<string[] | undefined> {
    return run((client, reply) =>
      client.getChildren(at(path), (error, names) => {
        if (!error) reply.ok(names);
        else if (isCode(error, Exception.NO_NODE)) reply.ok(undefined);
        else reply.failed(error);
      }),
    );
  }

  return { create, createEphemeral, createAll, remove, removeAll, exists, read, children };
}

function nodeRead(
  client: Client,
  data: Buffer | undefined,
  { ctime, ephemeralOwner }: Stat,
): NodeRead {
  return {
    data: data ?? NO_DATA,
    createdAtMs: Number(ctime.readBigInt64BE()),
    isOfThisSession: ephemeralOwner.equals(client.getSessionId()),
  };
}

function isCode(error: Error | Exception, ...codes: number[]): boolean {
  return error instanceof Exception && codes.includes(error.code);
}
