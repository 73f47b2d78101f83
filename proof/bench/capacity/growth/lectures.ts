import { loadMissing } from "../../../../worker/load.ts";
import { newMemory, sweep } from "../../../../worker/sweep.ts";
import { quantile, rounded, secondsOf } from "../../figures.ts";
import { makeLectures, untilLoaded } from "../../lectures.ts";
import { type ByPart, idleMsPerS, type Rate } from "../../processes.ts";
import type { Measurement } from "../bench.ts";
import { drainBacklog } from "../load/backlog.ts";
import { startEmpty } from "../load/lectures.ts";

/** The parts' behaviour with this many lectures, at the same total of students. */
export interface ByLectures {
  lectures: number;
  /** until an empty Redis admits to all of them */
  loadSeconds: number;
  /** the worker's two regular looks without work: for lectures not loaded, and for lost commands */
  lookMs: number;
  sweepMs: number;
  /** a backlog of the same size, spread over all lectures */
  decisions: Rate;
  /** until a lecture published beside the others can be booked */
  newLectureSeconds: number;
  /** idle CPU use in milliseconds per second */
  idleMsPerS: ByPart;
}

const BACKLOG = 20_000;
const LOOKS = 5;
const IDLE_S = 4;

export function lecturesGrowth(lectures: number): Measurement<ByLectures> {
  return async (bench) => {
    const { system, clients, tell } = bench;
    const { redis } = clients;
    const title = `lectures: ${lectures.toLocaleString("en")}`;
    tell(`${title}: loading`);
    await startEmpty(bench);
    const seats = Math.ceil(BACKLOG / lectures) + 1;
    const lectureIds = await makeLectures(clients, { count: lectures, seats });
    const loadSeconds = await secondsOf(() => loadMissing(clients));
    const memory = newMemory();
    const lookMs = await medianMs(() => loadMissing(clients));
    const sweepMs = await medianMs(() => sweep(clients, memory));
    tell(`${title}: decisions`);
    const { decisions } = await drainBacklog(bench, { lectureIds, count: BACKLOG });
    const idle = await idleMsPerS(system, IDLE_S);
    const published = await makeLectures(clients, { count: 1, seats: 100 });
    const newLectureSeconds = await secondsOf(() => untilLoaded(redis, published));
    return {
      lectures,
      loadSeconds: rounded(loadSeconds, 2),
      lookMs,
      sweepMs,
      decisions,
      newLectureSeconds: rounded(newLectureSeconds, 2),
      idleMsPerS: idle,
    };
  };
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  while (times.length < LOOKS) times.push(1_000 * (await secondsOf(work)));
  return rounded(quantile(times, 0.5), 1);
}
