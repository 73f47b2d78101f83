import { openConnections } from "../load/connections.ts";
import { closedLoop, type Load, openLoopBySecond, type Pressed } from "../load/press.ts";
import { signedCommandMaker } from "../load/signed-command.ts";
import { metered, rssMbOf } from "../processes.ts";
import type { BenchSystem } from "../system.ts";
import type { OverloadOptions } from "./options.ts";
import {
  BUDGET_MS,
  judge,
  type OverloadReport,
  outcomesOf,
  type Phase,
  phaseOf,
} from "./report.ts";

/** The numbers of clients in the search of the peak, each for this many seconds. */
const PEAK_CLIENTS = [64, 128, 256, 512];
const PEAK_SECONDS = 5;

/** The longest wait for normal running, in seconds; the bar is ten. */
const RECOVERY_SECONDS = 15;

/** The share of its peak that a healthy server carries without trouble. */
const NORMAL_LOAD = 0.5;

/** The means of a run. `tell` receives one line about each phase. */
interface Run {
  system: BenchSystem;
  load: Load;
  /** open loop; late answers count in the next phase too */
  pressFor: ReturnType<typeof openLoopBySecond>;
  tell: (line: string) => void;
}

/** Finds the origin's peak, offers a multiple of it, then half of it, and judges. */
export async function runOverload(
  system: BenchSystem,
  { seconds, times, clients }: OverloadOptions,
  tell: Run["tell"],
): Promise<OverloadReport> {
  const { ORIGIN_URL, EDGE_KEYS } = system.environment;
  const connections = await openConnections(Number(new URL(ORIGIN_URL).port), clients);
  const load = { connections, next: signedCommandMaker(EDGE_KEYS, BUDGET_MS) };
  const run = { system, load, pressFor: openLoopBySecond(load), tell };
  try {
    const search = await findPeak(run);
    const peakPerSecond = Math.max(...search.map(({ perSecond }) => perSecond.good));
    const { thirds, generatorCpu } = await overload(run, peakPerSecond, { seconds, times });
    const { phase, recoveredAfterS } = await recover(run, peakPerSecond);
    return {
      seconds,
      times,
      clients,
      peakPerSecond,
      phases: [...search, ...thirds, phase],
      recoveredAfterS,
      generatorCpu,
      bars: judge(peakPerSecond, thirds, { recoveredAfterS }),
    };
  } finally {
    connections.close();
  }
}

async function findPeak({ system, load, tell }: Run): Promise<Phase[]> {
  tell("warming up");
  await closedLoop(load, { seconds: 3, clients: 64 });
  const phases: Phase[] = [];
  for (const clients of PEAK_CLIENTS) {
    const pressing = () => closedLoop(load, { seconds: PEAK_SECONDS, clients });
    const measured = await metered(system, pressing);
    const phase = phaseOf(`${clients} clients, closed loop`, measured, rssMbOf(system).origin);
    phases.push(phase);
    tell(`${phase.name}: ${phase.perSecond.good}/s`);
  }
  return phases;
}

/** The overload in thirds, so that growth shows. */
async function overload(
  { system, pressFor, tell }: Run,
  peak: number,
  { seconds, times }: { seconds: number; times: number },
) {
  const pace = { perSecond: peak * times, seconds: Math.ceil(seconds / 3) };
  const thirds: Phase[] = [];
  let [generatorMs, tookS] = [0, 0];
  for (const name of ["first", "second", "last"]) {
    const title = `${times}× the peak, ${name} third`;
    let rssMb = 0;
    const onSecond = (pressed: Pressed, second: number) => {
      rssMb = Math.max(rssMb, rssMbOf(system).origin);
      const { goodMs, shed } = outcomesOf(pressed);
      tell(`${title}, second ${second}: ${goodMs.length} good, ${shed} turned away`);
    };
    const measured = await metered(system, () => pressFor({ ...pace, onSecond }));
    thirds.push(phaseOf(title, measured, rssMb, pace.perSecond));
    generatorMs += measured.cpu.generator;
    tookS += measured.seconds;
  }
  return { thirds, generatorCpu: generatorMs / tookS / 1_000 };
}

/**
 * Offers half the peak at once, and counts the seconds until one in which every due request got a
 * good answer.
 */
async function recover({ system, pressFor, tell }: Run, peak: number) {
  const perSecond = Math.round(peak * NORMAL_LOAD);
  let recoveredAfterS: number | undefined;
  const onSecond = (pressed: Pressed, second: number) => {
    const good = outcomesOf(pressed).goodMs.length;
    const isWell = good > 0 && pressed.unsent + pressed.count === good;
    if (isWell && good >= perSecond * 0.9) recoveredAfterS ??= second;
    tell(`half the peak, second ${second}: ${good} of ${perSecond} good`);
  };
  const pressing = () => pressFor({ perSecond, seconds: RECOVERY_SECONDS, onSecond });
  const measured = await metered(system, pressing);
  const rssMb = rssMbOf(system).origin;
  return { recoveredAfterS, phase: phaseOf("half the peak, after it", measured, rssMb, perSecond) };
}
