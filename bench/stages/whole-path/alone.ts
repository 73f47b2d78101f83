import { openRedis } from "../../../admission/redis.ts";
import { Keyring } from "../../../contract/keyring.ts";
import { pressing } from "../../edge/crowd.ts";
import { loadLectures } from "../../edge/lectures.ts";
import { openMeasuredProcess } from "../../measured-process.ts";
import { openConnections } from "../../overload/connections.ts";
import { closedLoop } from "../../overload/load.ts";
import { commandMaker } from "../../overload/signed-command.ts";
import type { BenchSystem } from "../../system.ts";
import { runWrk } from "../../wrk.ts";
import { openLeftovers } from "../leftovers.ts";

const CONNECTIONS = 64;
const LECTURES = 60;
const BUDGET_MS = 10_000;

export interface PartsAlone {
  /** The accepted presses of the edge, the queued commands of the origin and the settled ones of the worker a second, each on its own. */
  measure(seconds: number): Promise<[number, number, number]>;
  close(): Promise<void>;
}

/** Prepares to measure the parts of the whole path one after the other. */
export async function openPartsAlone(
  system: BenchSystem,
  edgeUrl: string,
  tokens: string[],
): Promise<PartsAlone> {
  const { environment } = system;
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  const redis = openRedis({ url, token, timeoutMs: 10_000 });
  const leftovers = await openLeftovers({
    rabbitmqUrl: environment.RABBITMQ_URL,
    zooKeeperUrl: environment.ZOOKEEPER_URL,
    partitions: Number(environment.PARTITIONS),
  });
  const worker = await openMeasuredProcess("bench/stages/worker/process.ts", environment);

  async function edgeAlone(seconds: number): Promise<number> {
    const lua = pressing(tokens, await loadLectures(redis, "taking", tokens[0] ?? "", LECTURES));
    return await runWrk({ url: edgeUrl, seconds, connections: CONNECTIONS, lua });
  }

  async function originAlone(seconds: number): Promise<number> {
    const port = Number(new URL(environment.ORIGIN_URL).port);
    const connections = await openConnections(port, CONNECTIONS);
    const lectureId = String(Math.floor(Math.random() * 1e15));
    const make = commandMaker(Keyring.parse(environment.EDGE_KEYS), { lectureId, budgetMs: BUDGET_MS });
    try {
      const seen = await closedLoop({
        connections,
        make,
        budgetMs: BUDGET_MS,
        seconds,
        clients: CONNECTIONS,
      });
      if (seen.good < seen.due) throw new Error(`the origin queued ${seen.good} of ${seen.due} commands`);
      return seen.good / seconds;
    } finally {
      connections.close();
    }
  }

  return {
    async measure(seconds) {
      const startWorker = await system.withoutWorker();
      try {
        const edge = await edgeAlone(seconds);
        const origin = await originAlone(seconds);
        await leftovers.clear();
        return [edge, origin, await worker.ours(seconds)];
      } finally {
        await startWorker();
      }
    },
    async close() {
      await worker.close();
      await leftovers.close();
    },
  };
}
