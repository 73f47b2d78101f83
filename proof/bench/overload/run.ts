import { freshLectureId } from "../fresh-lecture-id.ts";
import { openConnections } from "./connections.ts";
import { closedLoop, type LoadOptions, openLoop, quantile, type Seen } from "./load.ts";
import type { OverloadOptions } from "./options.ts";
import { commandMaker } from "./signed-command.ts";
import type { OverloadSystem } from "./system.ts";

/** A client's longest wait for an answer, in milliseconds: a later answer is no success. */
const BUDGET_MS = 5_000;
/** The numbers of clients in the search of the peak, each for this many seconds. */
const PEAK_CLIENTS = [64, 128, 256, 512];
const PEAK_SECONDS = 5;
/** The longest wait for normal running, in seconds; the bar is ten. */
const RECOVERY_SECONDS = 15;
/** The share of its peak that a healthy server carries without trouble. */
const NORMAL_LOAD = 0.5;

/** A bar for the origin, and whether the origin reached it. */
export interface Bar {
  what: string;
  wanted: string;
  found: string;
  reached: boolean;
}

export interface Phase {
  name: string;
  perSecond: { offered: number; arrived: number; good: number; shed: number; other: number };
  p50Ms: number;
  p99Ms: number;
  rssMb: number;
  /** the CPU of the origin, and of RabbitMQ and ZooKeeper together; 1 is a whole CPU */
  cpu: { origin: number; servers: number };
}

export interface OverloadReport {
  seconds: number;
  times: number;
  clients: number;
  peakPerSecond: number;
  phases: Phase[];
  /**
   * seconds from the end of the overload to the first second of good answers alone; undefined:
   * never
   */
  recoveredAfterS: number | undefined;
  /** the generator's share of one CPU during the overload */
  generatorCpu: number;
  bars: Bar[];
}

/**
 * Finds the origin's peak, offers a multiple of it, then half of it, and judges. `tell` receives
 * one line about each phase.
 */
export async function runOverload(
  system: OverloadSystem,
  options: OverloadOptions,
  tell: (line: string) => void,
): Promise<OverloadReport> {
  const connections = await openConnections(system.originPort, options.clients);
  const lectureId = freshLectureId();
  const make = commandMaker(system.edgeKeys, { lectureId, budgetMs: BUDGET_MS });
  const load = { connections, make, budgetMs: BUDGET_MS };
  const phases: Phase[] = [];
  try {
    const peak = await findPeak(system, load, phases, tell);
    const overload = await pressOn(system, load, { ...options, peak }, tell);
    phases.push(...overload.thirds);
    const recovery = await recover(system, load, peak, tell);
    phases.push(recovery.phase);
    const found = { peak, overload, recoveredAfterS: recovery.afterS };
    return {
      seconds: options.seconds,
      times: options.times,
      clients: options.clients,
      peakPerSecond: peak,
      phases,
      recoveredAfterS: recovery.afterS,
      generatorCpu: overload.generatorCpu,
      bars: judge(found),
    };
  } finally {
    connections.close();
  }
}

type Load = Omit<LoadOptions, "seconds">;

async function findPeak(
  system: OverloadSystem,
  load: Load,
  phases: Phase[],
  tell: (line: string) => void,
): Promise<number> {
  tell("warming up");
  await closedLoop({ ...load, seconds: 3, clients: 64 });
  for (const clients of PEAK_CLIENTS) {
    const meter = cpuMeter(system);
    const seen = await closedLoop({ ...load, seconds: PEAK_SECONDS, clients });
    const rssMb = system.originRssMb();
    const phase = phaseOf(`${clients} clients, closed loop`, seen, {
      seconds: PEAK_SECONDS,
      rssMb,
      cpu: meter(),
    });
    phases.push(phase);
    tell(`${phase.name}: ${phase.perSecond.good}/s`);
  }
  return Math.max(...phases.map(({ perSecond }) => perSecond.good));
}

/** The overload in thirds, so that growth shows. */
async function pressOn(
  system: OverloadSystem,
  load: Load,
  { peak, seconds, times }: { peak: number; seconds: number; times: number },
  tell: (line: string) => void,
) {
  const thirdS = Math.ceil(seconds / 3);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const thirds: Phase[] = [];
  for (const name of ["first", "second", "last"]) {
    let rssMb = 0;
    const meter = cpuMeter(system);
    const onSecond = (seen: Seen, second: number) => {
      rssMb = Math.max(rssMb, system.originRssMb());
      tell(
        `${times}× the peak, ${name} third, second ${second}: ${seen.good} good, ${seen.shed} turned away`,
      );
    };
    const seen = await openLoop({ ...load, perSecond: peak * times, seconds: thirdS, onSecond });
    thirds.push(
      phaseOf(`${times}× the peak, ${name} third`, seen, { seconds: thirdS, rssMb, cpu: meter() }),
    );
  }
  const { user, system: kernel } = process.cpuUsage(cpu);
  return { thirds, generatorCpu: (user + kernel) / 1_000 / (performance.now() - startedMs) };
}

/**
 * Offers half the peak at once, and counts the seconds until one in which every due request got a
 * good answer.
 */
async function recover(
  system: OverloadSystem,
  load: Load,
  peak: number,
  tell: (line: string) => void,
) {
  let afterS: number | undefined;
  const onSecond = (seen: Seen, second: number) => {
    const well = seen.good > 0 && seen.unsent + seen.shed + seen.late + seen.other === 0;
    if (well && seen.good >= seen.due * 0.9) afterS ??= second;
    tell(`half the peak, second ${second}: ${seen.good} of ${seen.due} good`);
  };
  const meter = cpuMeter(system);
  const seen = await openLoop({
    ...load,
    perSecond: Math.round(peak * NORMAL_LOAD),
    seconds: RECOVERY_SECONDS,
    onSecond,
  });
  const measured = { seconds: RECOVERY_SECONDS, rssMb: system.originRssMb(), cpu: meter() };
  return { afterS, phase: phaseOf("half the peak, after it", seen, measured) };
}

/** Returns a function that reads the CPU use from now until its call. */
function cpuMeter(system: OverloadSystem): () => Phase["cpu"] {
  const [before, sinceMs] = [system.cpuSeconds(), performance.now()];
  return () => {
    const [after, seconds] = [system.cpuSeconds(), (performance.now() - sinceMs) / 1_000];
    const share = (name: "origin" | "servers") =>
      Math.round((100 * (after[name] - before[name])) / seconds) / 100;
    return { origin: share("origin"), servers: share("servers") };
  };
}

function phaseOf(
  name: string,
  seen: Seen,
  { seconds, rssMb, cpu }: Pick<Phase, "rssMb" | "cpu"> & { seconds: number },
): Phase {
  const rate = (count: number) => Math.round(count / seconds);
  const { due, unsent, good, shed, late, other, goodMs } = seen;
  return {
    name,
    perSecond: {
      offered: rate(due),
      arrived: rate(due - unsent),
      good: rate(good),
      shed: rate(shed),
      other: rate(late + other),
    },
    p50Ms: Math.round(quantile(goodMs, 0.5)),
    p99Ms: Math.round(quantile(goodMs, 0.99)),
    rssMb,
    cpu,
  };
}

function judge({
  peak,
  overload: { thirds },
  recoveredAfterS,
}: {
  peak: number;
  overload: { thirds: Phase[] };
  recoveredAfterS: number | undefined;
}): Bar[] {
  const goodput = thirds.reduce((sum, { perSecond }) => sum + perSecond.good, 0) / thirds.length;
  const share = Math.round((100 * goodput) / peak);
  const [first, last] = [thirds[0]?.rssMb ?? 0, thirds.at(-1)?.rssMb ?? 0];
  return [
    {
      what: "goodput under overload",
      wanted: "≥ 90 % of the peak",
      found: `${share} %`,
      reached: share >= 90,
    },
    {
      what: "memory of the origin",
      wanted: "last third ≤ 1.25 × the first",
      found: `${first} → ${last} MB`,
      reached: last > 0 && last <= 1.25 * first,
    },
    {
      what: "normal again",
      wanted: "≤ 10 s after",
      found: recoveredAfterS === undefined ? "not seen" : `in second ${recoveredAfterS}`,
      reached: recoveredAfterS !== undefined && recoveredAfterS <= 10,
    },
  ];
}
