import { seededRandom } from "../../kit/random.ts";
import { brokerFaults } from "../kinds/broker-faults.ts";
import type { Fault, FaultKind } from "../kinds/fault.ts";
import { linkFaults } from "../kinds/link-faults.ts";
import { mysqlFaults } from "../kinds/mysql-faults.ts";
import { processFaults } from "../kinds/process-faults.ts";
import { redisFaults } from "../kinds/redis-faults.ts";

/** A fault and its time, in milliseconds from the lecture's opening; it may begin earlier. */
export interface PlannedFault {
  kind: string;
  fault: Fault;
  beginsAtMs: number;
  lastsMs: number;
}

export interface Schedule {
  seed: number;
  students: number;
  seats: number;
  faults: PlannedFault[];
}

export const faultKinds: readonly FaultKind[] = [
  ...linkFaults,
  ...processFaults,
  ...redisFaults,
  ...brokerFaults,
  ...mysqlFaults,
];

const FAULTS_MAX = 5;
const FIRST_BEGINS_MS = -500;
const LAST_BEGINS_MS = 4_500;
const LASTS_MS = { least: 500, most: 5_500 };

/**
 * Draws the faults, their times, and the number of students. The same seed gives the same schedule.
 */
export function drawSchedule(seed: number, { mayKill }: { mayKill: boolean }): Schedule {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => Math.round(low + random() * (high - low));
  const kinds = faultKinds.filter(({ kills }) => mayKill || !kills);
  const count = between(1, FAULTS_MAX);
  const faults: PlannedFault[] = [];
  while (faults.length < count) {
    const kind = drawKind(random, kinds);
    const fault = kind.draw(random);
    const beginsAtMs = between(FIRST_BEGINS_MS, LAST_BEGINS_MS);
    const lastsMs = between(LASTS_MS.least, LASTS_MS.most);
    if (faults.some((other) => other.fault.resource === fault.resource)) continue;
    faults.push({ kind: kind.name, fault, beginsAtMs, lastsMs });
  }
  faults.sort((a, b) => a.beginsAtMs - b.beginsAtMs);
  return { seed, students: between(150, 400), seats: between(30, 60), faults };
}

/**
 * The seed of one schedule of a run. The first has the run's own seed, so each schedule can be
 * replayed alone.
 */
export function seedOf(runSeed: number, index: number): number {
  return index === 0 ? runSeed : Math.floor(seededRandom(runSeed + index * 7_919)() * 2 ** 31);
}

/** One line per fault. */
export function scheduleLines({ faults }: Schedule): string[] {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`.padStart(7);
  return faults.map(
    ({ fault, beginsAtMs, lastsMs }) =>
      `from ${seconds(beginsAtMs)} to ${seconds(beginsAtMs + lastsMs)}  ${fault.what}`,
  );
}

function drawKind(random: () => number, kinds: readonly FaultKind[]): FaultKind {
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  let point = random() * total;
  for (const kind of kinds) {
    point -= kind.weight;
    if (point < 0) return kind;
  }
  throw new Error("no kind of fault to draw from");
}
