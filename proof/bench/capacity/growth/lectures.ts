import { loadMissing } from "../../../../worker/load.ts";
import { newMemory, sweep } from "../../../../worker/sweep.ts";
import { quantile } from "../../overload/load.ts";
import { drainBacklog } from "../load/backlog.ts";
import { makeLectures, startEmpty, untilLoaded } from "../load/lectures.ts";
import type { Bench, Measurement } from "../measurement.ts";
import {
  type ByPart,
  type CpuUsed,
  countCpu,
  cpuPerOperation,
  eachPart,
} from "../system/processes.ts";

/** The parts' behaviour with this many lectures, at the same total of students. */
export interface ByLectures {
  lectures: number;
  /** until an empty Redis admits to all of them */
  loadSeconds: number;
  /** the worker's two regular looks without work: for lectures not loaded, and for lost commands */
  lookMs: number;
  sweepMs: number;
  /** a backlog of the same size, spread over all lectures */
  decisions: { perS: number; cpuMs: CpuUsed };
  /** until a lecture published beside the others can be booked */
  newLectureSeconds: number;
  /** idle CPU use in milliseconds per second */
  idleMsPerS: ByPart;
}

const BACKLOG = 20_000;
const LOOKS = 5;
const IDLE_S = 4;

export function lecturesGrowth(lectures: number): Measurement<ByLectures> {
  return {
    says: `${lectures.toLocaleString("en")} lectures, the same students spread over them`,
    async measure(bench) {
      const { system, clients, tell } = bench;
      const title = `lectures: ${lectures.toLocaleString("en")}`;
      tell(`${title}: loading`);
      await startEmpty(system, clients);
      const seats = Math.ceil(BACKLOG / lectures) + 1;
      const lectureIds = await makeLectures(clients, { count: lectures, seats });
      const startedMs = performance.now();
      await loadMissing(clients);
      const loadSeconds = (performance.now() - startedMs) / 1_000;
      const memory = newMemory();
      const lookMs = await medianMs(() => loadMissing(clients));
      const sweepMs = await medianMs(() => sweep(clients, memory));

      tell(`${title}: decisions`);
      const drained = await drainBacklog(system, clients, { lectureIds, commands: BACKLOG });
      const idleMsPerS = await measureIdle(bench);
      return {
        lectures,
        loadSeconds: Math.round(loadSeconds * 100) / 100,
        lookMs,
        sweepMs,
        decisions: {
          perS: Math.round(drained.decisions / drained.seconds),
          cpuMs: cpuPerOperation(drained.cpu, drained.decisions),
        },
        newLectureSeconds: await publishOne(bench),
        idleMsPerS,
      };
    },
  };
}

async function measureIdle({ system }: Bench): Promise<ByPart> {
  await Bun.sleep(1_000);
  const counted = countCpu(system);
  await Bun.sleep(IDLE_S * 1_000);
  const { parts } = counted();
  return eachPart((part) => parts[part] / IDLE_S);
}

async function publishOne({ clients }: Bench): Promise<number> {
  const ids = await makeLectures(clients, { count: 1, seats: 100 });
  const startedMs = performance.now();
  await untilLoaded(clients, ids);
  return Math.round((performance.now() - startedMs) / 10) / 100;
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return Math.round(quantile(times, 0.5) * 10) / 10;
}
