import { loadMissing } from "../../../../worker/load.ts";
import { drainBacklog } from "../load/backlog.ts";
import { makeLectures, startEmpty } from "../load/lectures.ts";
import type { Measurement } from "../measurement.ts";
import { type CpuUsed, cpuPerOperation } from "../system/processes.ts";
import type { Partitions } from "../system/system.ts";

/** The speed of one worker with a backlog of many lectures in this many partitions. */
export interface ByPartitions {
  partitions: Partitions;
  perS: number;
  cpuMs: CpuUsed;
  /** CPUs in use meanwhile, by the system and by other programs of the machine */
  systemCpus: number;
  othersCpus: number;
}

const LECTURES = 64;
const BACKLOG = 40_000;

export function partitionsGrowth(partitions: Partitions): Measurement<ByPartitions> {
  return {
    says: `${partitions} ${partitions === 1 ? "partition" : "partitions"}, one worker`,
    async measure({ system, clients, tell }) {
      tell(`partitions: ${partitions}`);
      await startEmpty(system, clients);
      const seats = Math.ceil(BACKLOG / LECTURES);
      const lectureIds = await makeLectures(clients, { count: LECTURES, seats });
      await loadMissing(clients);
      const { decisions, seconds, cpu } = await drainBacklog(system, clients, {
        lectureIds,
        commands: BACKLOG,
        partitions,
      });
      return {
        partitions,
        perS: Math.round(decisions / seconds),
        cpuMs: cpuPerOperation(cpu, decisions),
        systemCpus: cpu.system / seconds / 1_000,
        othersCpus: cpu.others / seconds / 1_000,
      };
    },
  };
}
