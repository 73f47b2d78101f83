import { loadMissing } from "../../../../worker/load.ts";
import { drainBacklog } from "../load/backlog.ts";
import { makeLectures, startEmpty } from "../load/lectures.ts";
import type { Bench, Measurement } from "../measurement.ts";
import { measureQueue, type Queue } from "./queue.ts";
import { measureRedisKey, type RedisKey } from "./redis-key.ts";
import { measureRow, type Row } from "./row.ts";
import { measureRush, measureWholePath, type Rush, type WholePath } from "./rush.ts";

/**
 * The limits of one lecture: each of its three bottlenecks alone, compared with many lectures, and
 * the whole path.
 */
export interface Hot {
  key: RedisKey;
  queue: Queue;
  row: Row;
  /** the real worker: all steps behind the queue together */
  worker: { onePerS: number; manyPerS: number };
  path: WholePath;
  rush: Rush;
}

const BACKLOG = 20_000;
const MANY = 64;

export const hot: Measurement<Hot> = {
  says: "one hot lecture: its Redis key, its queue, its row, against many lectures",
  async measure(bench) {
    const { tell } = bench;
    tell("one hot lecture: its key in Redis");
    const key = await measureRedisKey(bench);
    tell("one hot lecture: its queue");
    const queue = await measureQueue(bench);
    tell("one hot lecture: its row");
    const row = await measureRow(bench);
    tell("one hot lecture: the worker");
    const worker = { onePerS: await drain(bench, 1), manyPerS: await drain(bench, MANY) };
    return {
      key,
      queue,
      row,
      worker,
      path: await measureWholePath(bench),
      rush: await measureRush(bench),
    };
  },
};

async function drain({ system, clients }: Bench, lectures: number): Promise<number> {
  await startEmpty(system, clients);
  const seats = Math.ceil(BACKLOG / lectures);
  const lectureIds = await makeLectures(clients, { count: lectures, seats });
  await loadMissing(clients);
  const { decisions, seconds } = await drainBacklog(system, clients, {
    lectureIds,
    commands: BACKLOG,
  });
  return Math.round(decisions / seconds);
}
