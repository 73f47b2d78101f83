import type { Bench } from "../bench.ts";
import { drainBacklog } from "../load/backlog.ts";
import { onlyLectures } from "../load/lectures.ts";
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

/** One hot lecture: its Redis key, its queue, its row, against many lectures. */
export async function hot(bench: Bench): Promise<Hot> {
  const { tell } = bench;
  tell("one hot lecture: its key in Redis");
  const key = await measureRedisKey(bench);
  tell("one hot lecture: its queue");
  const queue = await measureQueue(bench);
  tell("one hot lecture: its row");
  const row = await measureRow(bench);
  tell("one hot lecture: the worker");
  const worker = { onePerS: await drain(bench, 1), manyPerS: await drain(bench, MANY) };
  const path = await measureWholePath(bench);
  return { key, queue, row, worker, path, rush: await measureRush(bench) };
}

async function drain(bench: Bench, count: number): Promise<number> {
  const lectureIds = await onlyLectures(bench, { count, seats: Math.ceil(BACKLOG / count) });
  const { decisions } = await drainBacklog(bench, { lectureIds, count: BACKLOG });
  return decisions.perS;
}
