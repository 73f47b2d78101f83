import { setTimeout as sleep } from "node:timers/promises";
import type { LectureId } from "../../contract/ids.ts";
import { countPending } from "../../pending/read.ts";
import { readQueues } from "./read-rabbitmq.ts";
import { readMotion } from "./read-redis.ts";
import type { AuditSources } from "./sources.ts";

/** Work still under way. */
export interface Motion {
  /** claims without a settled decision */
  held: number;
  /** commands with a pending node */
  pending: number;
  /** commands in the queues; 0 if only some lectures are audited */
  queued: number;
  /** lectures that Redis should be ready for and is not */
  unloaded: number;
}

/** How the wait for rest ended; `motion` is the last look. */
export interface Rest {
  reached: boolean;
  waitedMs: number;
  motion: Motion;
}

export interface RestOptions {
  lectureIds: LectureId[];
  /** lectures that Redis should be ready for */
  admitting: ReadonlySet<LectureId>;
  /** whether the queues count; they hold the commands of all lectures together */
  withQueues: boolean;
  /** 0 looks once */
  waitMs: number;
  /** called after each look */
  onLook?: (motion: Motion, waitedMs: number) => void;
}

const LOOK_EVERY_MS = 500;

/**
 * Waits until nothing of these lectures is under way, for at most `waitMs`. Rejects if a server
 * cannot be asked.
 */
export async function waitForRest(sources: AuditSources, options: RestOptions): Promise<Rest> {
  const startedAtMs = performance.now();
  for (;;) {
    const motion = await look(sources, options);
    const waitedMs = Math.round(performance.now() - startedAtMs);
    options.onLook?.(motion, waitedMs);
    const reached = motion.held + motion.pending + motion.queued + motion.unloaded === 0;
    if (reached || waitedMs >= options.waitMs) return { reached, waitedMs, motion };
    await sleep(Math.min(LOOK_EVERY_MS, options.waitMs - waitedMs));
  }
}

/**
 * A command is first in the queue, then a held claim, then only a node. In this order of looks no
 * command slips through.
 */
async function look(sources: AuditSources, options: RestOptions): Promise<Motion> {
  const { lectureIds, admitting, withQueues } = options;
  const queues = withQueues ? await readQueues(sources.rabbit) : [];
  const inRedis = await readMotion(sources.redis, lectureIds);
  return {
    queued: sum(queues.map(({ ready }) => ready)),
    held: sum(inRedis.map(({ held }) => held)),
    unloaded: lectureIds.filter((id, at) => admitting.has(id) && !inRedis[at]?.ready).length,
    pending: await pendingOf(sources, lectureIds),
  };
}

async function pendingOf({ zooKeeper }: AuditSources, lectureIds: LectureId[]): Promise<number> {
  const counts = await countPending(zooKeeper);
  return sum(lectureIds.map((id) => counts.get(id) ?? 0));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
