import { type Command, writeCommand } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import { inParallel } from "./in-parallel.ts";
import type { ZooKeeperSession } from "./session.ts";
import { pendingShards } from "./shards.ts";
import { ZooKeeperError } from "./zookeeper-error.ts";

export interface CreateOptions {
  /** the most nodes in one `multi`; 100 by default, some 30 KB */
  maxBatch?: number;
  /** the most full multis in flight; a multi that is not full waits until none is in flight */
  maxBatchesInFlight?: number;
  /** the most calls that wait for their multi to be sent; one more is refused as `busy` */
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
 * Gives `create(command)`, which writes the command into its pending node. Calls that come while a
 * multi is in flight share the next one. A multi costs one transaction and one sync to disk,
 * whatever it holds. No call waits for others to join it. An existing node is as good as created:
 * its name is the rid.
 *
 * Rejects with a ZooKeeperError. After `unknown` the node may exist, and creating it again is safe.
 */
export function createPendingNodes(session: ZooKeeperSession, options: CreateOptions = {}) {
  const { maxBatch = 100, maxBatchesInFlight = 4, maxWaiting = 10_000 } = options;
  const shards = pendingShards(session);
  let waiting: Waiting[] = [];
  let batchesInFlight = 0;
  let sendingSoon = false;

  /** Calls of one turn of the event loop share a multi. */
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
      throw new ZooKeeperError("unknown", `the shard of ${path} disappears again and again`);
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
