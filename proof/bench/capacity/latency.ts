import { quantile } from "../overload/load.ts";
import { openCrowd, WAIT_S } from "./load/crowd.ts";
import { makeLectures, startEmpty, untilLoaded } from "./load/lectures.ts";
import type { Pressed } from "./load/press.ts";
import type { Measurement } from "./measurement.ts";
import { type CpuUsed, countCpu } from "./system/processes.ts";

/**
 * The students' wait for their decision at a rate, from the click to the answer with the decision.
 */
export interface Step {
  /** of the peak rate, in per cent; undefined in the search of the peak */
  sharePercent?: number;
  /** closed loop: the number of students with a request under way */
  clients?: number;
  offeredPerS: number;
  confirmedPerS: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** answers other than a confirmed seat, and requests without a free connection */
  other: number;
  /** CPUs in use by the system, by the load generator beside it, and by other programs */
  systemCpus: number;
  generatorCpus: number;
  othersCpus: number;
}

export interface Latency {
  /** the highest rate of confirmed reservations in a closed loop */
  peakPerS: number;
  search: Step[];
  shares: Step[];
}

const SEARCH_CLIENTS = [32, 128, 256, 512, 1_024];
const SEARCH_SECONDS = 4;
const SHARES_PERCENT = [25, 50, 75, 95];
const SHARE_SECONDS = 10;
const CONNECTIONS = 4_000;
const CONFIRMED = "201 confirmed";

export const latency: Measurement<Latency> = {
  says: "click to decision at 25 to 95 % of the peak rate of confirmed reservations",
  async measure({ system, clients, tell }) {
    await startEmpty(system, clients);
    const lectureIds = await makeLectures(clients, { count: 16, seats: 1_000_000 });
    await system.startWorker();
    await untilLoaded(clients, lectureIds);
    const crowd = await openCrowd(system, CONNECTIONS);
    const booking = crowd.booking(lectureIds, { waitS: WAIT_S });

    async function step(load: () => Promise<Pressed>): Promise<Step> {
      const counted = countCpu(system);
      const pressed = await load();
      return stepOf(pressed, counted());
    }

    try {
      tell("the peak: warming up");
      await crowd.closed(booking, { clients: 256, seconds: 5 });
      const search: Step[] = [];
      for (const count of SEARCH_CLIENTS) {
        const found = await step(() =>
          crowd.closed(booking, { clients: count, seconds: SEARCH_SECONDS }),
        );
        search.push({ clients: count, ...found });
        tell(`the peak: ${found.confirmedPerS} confirmed/s with ${count} clients`);
      }
      const peakPerS = Math.max(...search.map(({ confirmedPerS }) => confirmedPerS));
      const shares: Step[] = [];
      for (const sharePercent of SHARES_PERCENT) {
        const perSecond = (peakPerS * sharePercent) / 100;
        const found = await step(() => crowd.open(booking, { perSecond, seconds: SHARE_SECONDS }));
        shares.push({ sharePercent, ...found, offeredPerS: Math.round(perSecond) });
        tell(`${sharePercent} % of the peak: p50 ${found.p50Ms} ms, p99 ${found.p99Ms} ms`);
      }
      return { peakPerS, search, shares };
    } finally {
      crowd.close();
    }
  },
};

function stepOf(
  { answers, timesMs, count, seconds, unsent }: Pressed,
  { system, generator, others }: CpuUsed,
): Step {
  const times = timesMs[CONFIRMED] ?? [];
  const confirmed = answers[CONFIRMED] ?? 0;
  const at = (q: number) => Math.round(quantile(times, q));
  return {
    offeredPerS: Math.round((count + unsent) / seconds),
    confirmedPerS: Math.round(confirmed / seconds),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    other: count - confirmed + unsent,
    systemCpus: hundredths(system / seconds / 1_000),
    generatorCpus: hundredths(generator / seconds / 1_000),
    othersCpus: hundredths(others / seconds / 1_000),
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
