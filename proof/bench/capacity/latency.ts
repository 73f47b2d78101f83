import { quantile, rounded } from "../figures.ts";
import type { Pressed } from "../load/press.ts";
import { type CpuUsed, metered } from "../processes.ts";
import type { Bench } from "./bench.ts";
import { WAIT_S, withCrowd } from "./load/crowd.ts";

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
const CROWD = { connections: 4_000, lectures: [{ count: 16, seats: 1_000_000 }] };
const CONFIRMED = "201 confirmed";

/** Click to decision at 25 to 95 % of the peak rate of confirmed reservations. */
export async function latency(bench: Bench): Promise<Latency> {
  const { system, tell } = bench;
  return await withCrowd(bench, CROWD, async (crowd, lectureIds) => {
    const booking = crowd.booking(lectureIds, { waitS: WAIT_S });
    const step = async (load: () => Promise<Pressed>): Promise<Step> => {
      const { result, cpu } = await metered(system, load);
      return stepOf(result, cpu);
    };
    tell("the peak: warming up");
    await crowd.closed(booking, { clients: 256, seconds: 5 });
    const search: Step[] = [];
    for (const clients of SEARCH_CLIENTS) {
      const found = await step(() => crowd.closed(booking, { clients, seconds: SEARCH_SECONDS }));
      search.push({ clients, ...found });
      tell(`the peak: ${found.confirmedPerS} confirmed/s with ${clients} clients`);
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
  });
}

function stepOf(
  { answers, timesMs, count, seconds, unsent }: Pressed,
  { system, generator, others }: CpuUsed,
): Step {
  const confirmed = answers[CONFIRMED] ?? 0;
  const at = (q: number) => Math.round(quantile(timesMs[CONFIRMED] ?? [], q));
  const cpus = (ms: number) => rounded(ms / seconds / 1_000, 2);
  return {
    offeredPerS: Math.round((count + unsent) / seconds),
    confirmedPerS: Math.round(confirmed / seconds),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    other: count - confirmed + unsent,
    systemCpus: cpus(system),
    generatorCpus: cpus(generator),
    othersCpus: cpus(others),
  };
}
