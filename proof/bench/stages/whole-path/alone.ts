import { openRedis } from "../../../../admission/redis.ts";
import { pressing } from "../../edge/crowd.ts";
import { loadLectures } from "../../edge/lectures.ts";
import { openMeasuredProcess } from "../../measured-process.ts";
import { queueCommands, warmUpOrigin } from "../../origin/load.ts";
import { startOrigin } from "../../origin/process.ts";
import type { BenchSystem } from "../../system.ts";
import { runWrk } from "../../wrk.ts";
import { openLeftovers } from "../leftovers.ts";
import { CONNECTIONS } from "./confirm.ts";

const LECTURES = 60;

export interface PartsAlone {
  /** Loads the origin until it is warm. */
  warmUp(): Promise<void>;
  /**
   * Per second, each alone: the edge's accepted presses, the origin's queued commands, the worker's
   * settled commands.
   */
  measure(seconds: number): Promise<[number, number, number]>;
  close(): Promise<void>;
}

/**
 * Prepares separate measurements of the whole path's parts, apart from the system's worker, which
 * would take the queued commands.
 */
export async function openPartsAlone(
  { apart }: BenchSystem,
  edgeUrl: string,
  tokens: string[],
): Promise<PartsAlone> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = apart;
  const redis = openRedis({ url, token, timeoutMs: 10_000 });
  const leftovers = await openLeftovers({
    rabbitmqUrl: apart.RABBITMQ_URL,
    zooKeeperUrl: apart.ZOOKEEPER_URL,
    partitions: Number(apart.PARTITIONS),
  });
  const { port, close: stopOrigin } = await startOrigin(apart);
  const origin = { port, edgeKeys: apart.EDGE_KEYS, clients: CONNECTIONS };
  const worker = await openMeasuredProcess("proof/bench/stages/worker/process.ts", apart);

  async function edgeAlone(seconds: number): Promise<number> {
    const lua = pressing(tokens, await loadLectures(redis, "taking", tokens[0] ?? "", LECTURES));
    return await runWrk({ url: edgeUrl, seconds, connections: CONNECTIONS, lua });
  }

  return {
    async warmUp() {
      await warmUpOrigin(origin);
      await leftovers.clear();
    },
    async measure(seconds) {
      const edge = await edgeAlone(seconds);
      const queued = await queueCommands(origin, seconds);
      await leftovers.clear();
      return [edge, queued, await worker.ours(seconds)];
    },
    async close() {
      await worker.close();
      await stopOrigin();
      await leftovers.close();
    },
  };
}
