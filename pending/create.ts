import { type Command, writeCommand } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import { inParallel } from "./in-parallel.ts";
import type { ZooKeeperSession } from "./session.ts";
import { pendingShards } from "./shards.ts";
import { ZooKeeperError } from "./zookeeper-error.ts";

export interface CreateOptions {
  /** nodes of one `multi`, at most; 100 by default, some 30 KB */
  maxBatch?: number;
  /** full multis in flight at once; one that is not full waits until there is none */
  maxBatchesInFlight?: number;
  /** callers waiting for their multi to be sent; one more is refused as `busy` */
  maxWaiting?: number;
}

interface Waiting {
  command: Command;
  resolve(outcome: "created" | "exists"): void;
  reject(error: unknown): void;
}

/** When a multi fails, its members go one by one, this many at a time. */
const SINGLES_AT_A_TIME = 16;

/**
 * Gives `create(command)`, which writes the command into its pending node. Whoever calls while an earlier multi is in flight
 * shares the next one: each is a transaction and a sync to disk, whatever is in it. Nobody waits for company. A node that exists already is as good as created, for its name is the rid.
 *
 * Rejects with a ZooKeeperError; after `unknown` the node may be there, and creating it again is safe.
 */
export function createPendingNodes(session: ZooKeeperSession, options: CreateOptions = {}) {
  const { maxBatch = 100, maxBatchesInFlight = 4, maxWaiting = 10_000 } = options;
  const shards = pendingShards(session);
  let waiting: Waiting[] = [];
  let batchesInFlight = 0;
  let sendingSoon = false;

  /** Calls of one turn of the event loop travel together. */
  function sendSoon(): void {
    if (sendingSoon) return;
    sendingSoon = true;
    queueMicrotask(() => {
      sendingSoon = false;
      while (
        waiting.length > 0 &&
        batchesInFlight < (waiting.length < maxBatch ? 1 : maxBatchesInFlight)
      )
        void sendBatch();
    });
  }

  async function sendBatch(): Promise<void> {
    const batch = waiting.slice(0, maxBatch);
    waiting = waiting.slice(maxBatch);
    batchesInFlight += 1;
    try {
      const commands = batch.map(({ command }) => command);
      await shards.ensureAll(commands.map(({ rid }) => rid));
      if ((await session.createAll(commands.map(nodeOf))) === "created") {
        for (const { resolve } of batch) resolve("created");
      } else {
        await inParallel(batch, SINGLES_AT_A_TIME, createAlone);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      batchesInFlight -= 1;
      sendSoon();
    }
  }

  async function createAlone({ command, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await createOne(command));
    } catch (error) {
      reject(error);
    }
  }

  async function createOne(command: Command): Promise<"created" | "exists"> {
    const { path, data } = nodeOf(command);
    let outcome = await session.create(path, data);
    if (outcome === "no_parent") {
      await shards.restore(command.rid);
      outcome = await session.create(path, data);
    }
    if (outcome === "no_parent")
      throw new ZooKeeperError("unknown", `the shard of ${path} keeps disappearing`);
    return outcome;
  }

  return function create(command: Command): Promise<"created" | "exists"> {
    if (waiting.length >= maxWaiting) {
      return Promise.reject(
        new ZooKeeperError("busy", "too many pending nodes wait to be created"),
      );
    }
    return new Promise((resolve, reject) => {
      waiting.push({ command, resolve, reject });
      sendSoon();
    });
  };
}

function nodeOf(command: Command): { path: string; data: Buffer } {
  return {
    path: pendingPaths.node(command.rid, command.kind),
    data: Buffer.from(writeCommand(command)),
  };
}
