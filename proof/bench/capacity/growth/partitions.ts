import type { Rate } from "../../processes.ts";
import type { Partitions } from "../../system.ts";
import type { Measurement } from "../bench.ts";
import { type Drained, drainBacklog } from "../load/backlog.ts";
import { onlyLectures } from "../load/lectures.ts";

/** The speed of one worker with a backlog of many lectures in this many partitions. */
export interface ByPartitions extends Rate, Omit<Drained, "decisions"> {
  partitions: Partitions;
}

const LECTURES = 64;
const BACKLOG = 40_000;

export function partitionsGrowth(partitions: Partitions): Measurement<ByPartitions> {
  return async (bench) => {
    bench.tell(`partitions: ${partitions}`);
    const seats = Math.ceil(BACKLOG / LECTURES);
    const lectureIds = await onlyLectures(bench, { count: LECTURES, seats });
    const backlog = { lectureIds, count: BACKLOG, partitions };
    const { decisions, ...cpus } = await drainBacklog(bench, backlog);
    return { partitions, ...decisions, ...cpus };
  };
}
